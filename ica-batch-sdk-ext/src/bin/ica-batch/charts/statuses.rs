//! Order and colors of statuses.
//!
//! The colors are those of Okabe and Ito, which people with each kind of color blindness can tell
//! apart. They are readable on a light and on a dark background.

/// Color as red, green and blue.
pub(super) type Color = (u8, u8, u8);

const GREEN: Color = (0, 158, 115);
const VERMILION: Color = (213, 94, 0);
const PURPLE: Color = (204, 121, 167);
const BLUE: Color = (0, 114, 178);
const SKY: Color = (86, 180, 233);
const ORANGE: Color = (230, 159, 0);
const YELLOW: Color = (240, 228, 66);
const GREY: Color = (136, 136, 136);

/// Statuses from the bottom of a chart to its top: what is finished lies at the bottom, and what
/// waits at the top.
const KNOWN: &[(&str, Color)] = &[
    ("SUCCEEDED", GREEN),
    ("CREATED", GREEN),
    ("PARTIALLY_SUCCEEDED", YELLOW),
    ("FAILED", VERMILION),
    ("FAILED_FINAL", VERMILION),
    ("REJECTED", VERMILION),
    ("NOT_CREATED", VERMILION),
    ("ABORTED", PURPLE),
    ("ABORTING", PURPLE),
    ("GENERATING_OUTPUTS", BLUE),
    ("IN_PROGRESS", BLUE),
    ("RUNNING", BLUE),
    ("PREPARING_INPUTS", ORANGE),
    ("AWAITING_INPUT", ORANGE),
    ("INITIALIZING", SKY),
    ("QUEUED", SKY),
    ("REQUESTED", GREY),
    ("ACCEPTED", GREY),
    ("PENDING", GREY),
];

/// Returns the place of a status from the bottom, and its color. Spelling with and without
/// underscores is the same status. An unknown status is at the top.
pub(super) fn place(status: &str) -> (usize, Color) {
    let plain = |text: &str| text.replace(['_', ' '], "").to_uppercase();
    let status = plain(status);
    let found = KNOWN.iter().position(|(known, _)| plain(known) == status);
    found.map_or((KNOWN.len(), GREY), |index| (index, KNOWN[index].1))
}

/// Returns a shade of a color for statuses that share it: lighter ones for those further up.
pub(super) fn shade(color: Color, step: u32) -> Color {
    let part = f64::from(step.min(3)) * 0.28;
    let lighter = |channel: u8| (f64::from(channel) + (255.0 - f64::from(channel)) * part).round() as u8;
    (lighter(color.0), lighter(color.1), lighter(color.2))
}

/// Returns the statuses from the bottom to the top, each with a color of its own.
pub(super) fn arrange<'a>(statuses: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, Color)> {
    let mut all = statuses
        .into_iter()
        .map(|status| (place(status), status))
        .collect::<Vec<_>>();
    all.sort_by(|(a, one), (b, other)| a.0.cmp(&b.0).then_with(|| one.cmp(other)));
    let mut arranged: Vec<(&str, Color)> = Vec::new();
    let mut used: Vec<Color> = Vec::new();
    for ((_, color), status) in all {
        let step = used.iter().filter(|earlier| **earlier == color).count();
        used.push(color);
        arranged.push((status, shade(color, u32::try_from(step).unwrap_or(u32::MAX))));
    }
    arranged
}

/// Returns a color as in CSS.
pub(super) fn css((red, green, blue): Color) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[cfg(test)]
mod tests {
    use super::{GREEN, VERMILION, arrange, css};

    #[test]
    fn finished_statuses_are_at_the_bottom_and_unknown_ones_at_the_top() {
        let statuses = ["NEW_ONE", "QUEUED", "FAILEDFINAL", "SUCCEEDED", "FAILED"];
        let arranged = arrange(statuses);
        let names = arranged.iter().map(|(status, _)| *status).collect::<Vec<_>>();
        assert_eq!(names, ["SUCCEEDED", "FAILED", "FAILEDFINAL", "QUEUED", "NEW_ONE"]);
        assert_eq!((arranged[0].1, arranged[1].1), (GREEN, VERMILION));
    }

    #[test]
    fn no_two_statuses_have_one_color() {
        let arranged = arrange(["FAILED", "FAILED_FINAL", "REJECTED", "REQUESTED", "PENDING", "OTHER"]);
        for (at, (status, color)) in arranged.iter().enumerate() {
            let is_shared = arranged[at + 1..].iter().any(|(_, other)| other == color);
            assert!(!is_shared, "{status} {}", css(*color));
        }
    }
}
