//! The chart of a timeline: stacked areas, one for each status.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use plotters::coord::Shift;
use plotters::element::Polygon;
use plotters::prelude::{
    ChartBuilder, Color as _, DrawingArea, DrawingAreaErrorKind, IntoDrawingArea as _, IntoFont as _, PathElement,
    RGBColor, Rectangle, SVGBackend, Text,
};
use plotters::style::TextStyle;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::statuses::{self, Color};
use super::timeline::{Sample, Timeline};
use crate::failure::Failure;

/// Size of the picture in pixels.
const SIZE: (u32, u32) = (960, 420);
/// Width of the legend in pixels.
const LEGEND: u32 = 230;

const BACKGROUND: Color = (255, 255, 255);
const INK: Color = (32, 32, 32);
const FAINT: Color = (216, 216, 216);
/// The same three on a dark screen.
const DARK: [&str; 3] = ["#161B22", "#E6EDF3", "#3A424D"];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

impl Timeline {
    /// Returns the chart as SVG, or None without samples.
    pub(crate) fn svg(&self, title: &str) -> Option<String> {
        draw(self, title)
    }

    /// Writes the chart to a file, which appears when it is complete. Nothing is written without
    /// samples.
    pub(crate) fn write(&self, path: &Path, title: &str) -> Result<(), Failure> {
        let Some(svg) = self.svg(title) else {
            return Ok(());
        };
        crate::output::write_file(path, svg.as_bytes())
    }
}

/// Draws a timeline. None without samples.
fn draw(timeline: &Timeline, title: &str) -> Option<String> {
    let samples = timeline.samples();
    let last = samples.last()?;
    let names = samples.iter().flat_map(|sample| sample.counts.keys());
    let names = names.map(String::as_str).collect::<BTreeSet<_>>();
    let layers = statuses::arrange(names);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let (chart, legend) = root.split_horizontally(SIZE.0 - LEGEND);
        // A backend that writes to a text cannot fail.
        let drawn = root
            .fill(&rgb(BACKGROUND))
            .and_then(|()| areas(&chart, samples, &layers, title))
            .and_then(|()| labels(&legend, last, &layers))
            .and_then(|()| root.present());
        drawn.ok()?;
    }
    Some(with_dark_colors(&svg, title))
}

/// Draws the axes, and an area for each status from the bottom to the top.
fn areas(area: &Area<'_>, samples: &[Sample], layers: &[(&str, Color)], title: &str) -> Drawn {
    let total = |sample: &Sample| sample.counts.values().sum::<u64>();
    let top = samples.iter().map(total).max().unwrap_or(0).max(1);
    let whole = samples
        .last()
        .map_or(0.0, |sample| sample.elapsed.as_secs_f64())
        .max(1.0);
    let scale = Scale::of(Duration::from_secs_f64(whole));
    let mut chart = ChartBuilder::on(area)
        .caption(title, style(17))
        .margin(14)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..whole / scale.seconds, 0.0..top as f64)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(rgb(BACKGROUND).mix(0.0))
        .bold_line_style(rgb(FAINT))
        .axis_style(rgb(INK))
        .label_style(style(13))
        .x_desc(format!("time since the start ({})", scale.unit))
        .y_desc("analyses")
        .y_label_formatter(&|count| {
            if count.fract() == 0.0 {
                grouped(*count as u64)
            } else {
                String::new()
            }
        })
        .x_label_formatter(&|time| format!("{}", (time * 100.0).round() / 100.0))
        .draw()?;
    let at = |sample: &Sample| sample.elapsed.as_secs_f64() / scale.seconds;
    let mut below = vec![0; samples.len()];
    for (status, color) in layers {
        let count = |sample: &Sample| sample.counts.get(*status).copied().unwrap_or(0);
        let lower = samples
            .iter()
            .zip(&below)
            .map(|(sample, below)| (at(sample), *below as f64));
        let lower = lower.collect::<Vec<_>>();
        for (below, sample) in below.iter_mut().zip(samples) {
            *below += count(sample);
        }
        let upper = samples
            .iter()
            .zip(&below)
            .map(|(sample, below)| (at(sample), *below as f64));
        let outline = upper.chain(lower.into_iter().rev()).collect::<Vec<_>>();
        chart.draw_series([Polygon::new(outline, rgb(*color).filled())])?;
        let edge = samples
            .iter()
            .zip(&below)
            .map(|(sample, below)| (at(sample), *below as f64));
        chart.draw_series([PathElement::new(edge.collect::<Vec<_>>(), rgb(BACKGROUND))])?;
    }
    Ok(())
}

/// Draws the legend: the statuses in the order of the areas, with the counts at the end.
fn labels(area: &Area<'_>, last: &Sample, layers: &[(&str, Color)]) -> Drawn {
    let right = i32::try_from(LEGEND).unwrap_or(0) - 16;
    let mut y = 48;
    for (status, color) in layers.iter().rev() {
        let count = last.counts.get(*status).copied().unwrap_or(0);
        area.draw(&Rectangle::new([(0, y), (14, y + 14)], rgb(*color).filled()))?;
        area.draw(&Text::new((*status).to_owned(), (22, y + 1), style(13)))?;
        let end = style(13).pos(Pos::new(HPos::Right, VPos::Top));
        area.draw(&Text::new(grouped(count), (right, y + 1), end))?;
        y += 24;
    }
    Ok(())
}

fn rgb((red, green, blue): Color) -> RGBColor {
    RGBColor(red, green, blue)
}

fn style(size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&rgb(INK))
}

/// Unit of the time axis.
struct Scale {
    seconds: f64,
    unit: &'static str,
}

impl Scale {
    fn of(whole: Duration) -> Self {
        let (seconds, unit) = match whole.as_secs() {
            0..300 => (1.0, "seconds"),
            300..18_000 => (60.0, "minutes"),
            18_000..432_000 => (3600.0, "hours"),
            _ => (86_400.0, "days"),
        };
        Self { seconds, unit }
    }
}

/// Returns a number with a space between groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Adds the colors of a dark screen, and a title for people who do not see the picture.
fn with_dark_colors(svg: &str, title: &str) -> String {
    let [background, ink, faint] = [BACKGROUND, INK, FAINT].map(statuses::css);
    let rules = [(background, DARK[0]), (ink, DARK[1]), (faint, DARK[2])];
    let rules =
        rules.map(|(light, dark)| format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}"));
    let escaped = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let style = format!(
        "<title>{escaped}</title><style>@media (prefers-color-scheme:dark){{{}}}</style>",
        rules.concat()
    );
    match svg.split_once('>') {
        Some((tag, rest)) => format!("{tag} role=\"img\">{style}{rest}"),
        None => svg.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Scale, grouped};
    use crate::charts::Timeline;

    fn sampled() -> Timeline {
        let mut timeline = Timeline::default();
        timeline.record(Duration::ZERO, [("QUEUED", 1200), ("IN_PROGRESS", 0)]);
        timeline.record(Duration::from_secs(600), [("QUEUED", 300), ("IN_PROGRESS", 900)]);
        timeline.record(Duration::from_secs(1200), [("SUCCEEDED", 1199), ("FAILED", 1)]);
        timeline
    }

    #[test]
    fn each_status_has_an_area_and_a_line_of_the_legend() {
        let svg = sampled().svg("cohort-42").unwrap();
        assert_eq!(svg.matches("<polygon").count(), 4, "{svg}");
        for text in [
            "QUEUED",
            "IN_PROGRESS",
            "SUCCEEDED",
            "FAILED",
            "1\u{202f}199",
            "minutes",
            "cohort-42",
        ] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
    }

    #[test]
    fn a_title_cannot_add_elements() {
        let svg = sampled().svg("<script>alert(1)</script> & more").unwrap();
        assert!(!svg.contains("<script"), "{svg}");
    }

    #[test]
    fn one_sample_is_drawn_and_none_is_not() {
        assert_eq!(Timeline::default().svg("empty"), None);
        let mut timeline = Timeline::default();
        timeline.record(Duration::ZERO, [("QUEUED", 0)]);
        assert!(timeline.svg("nothing").is_some());
    }

    #[test]
    fn the_unit_of_time_fits_the_whole() {
        let units = [59, 600, 40_000, 900_000].map(|seconds| Scale::of(Duration::from_secs(seconds)).unit);
        assert_eq!(units, ["seconds", "minutes", "hours", "days"]);
        assert_eq!(
            (grouped(12), grouped(1234567).as_str()),
            ("12".to_owned(), "1\u{202f}234\u{202f}567")
        );
    }
}
