//! The chart of a history: stacked areas, one for each status.
//!
//! The numbers of a time hold until the next one, so the areas have steps.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ica_batch_sdk_ext::{StatusCounts, StatusHistory};
use plotters::coord::Shift;
use plotters::element::Polygon;
use plotters::prelude::{
    ChartBuilder, Color as _, DrawingArea, DrawingAreaErrorKind, IntoDrawingArea as _, IntoFont as _, PathElement,
    RGBColor, Rectangle, SVGBackend, Text,
};
use plotters::style::TextStyle;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::statuses::{self, Color};
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

/// Part of the width after the last time, where its numbers are seen.
const REST: f64 = 0.03;

/// Number of pixels in which times are drawn apart.
const COLUMNS: f64 = 650.0;

/// Returns the chart as SVG, or None for a history without times.
pub(crate) fn svg(history: &StatusHistory, title: &str) -> Option<String> {
    let times = history.times();
    let (first, last) = (times.first()?, times.last()?);
    let names = times.iter().flat_map(StatusCounts::by_status).map(|(status, _)| status);
    let layers = statuses::arrange(names.collect::<BTreeSet<_>>());
    let whole = elapsed(first, last);
    let plot = Plot {
        title,
        begin: DateTime::<Utc>::from(first.at)
            .format("%Y-%m-%d %H:%M:%S UTC")
            .to_string(),
        end: (whole * (1.0 + REST)).max(1.0),
        top: { times.iter() }.map(StatusCounts::analyses).max().unwrap_or(0).max(1),
        columns: columns(times, whole),
        layers: &layers,
    };
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let (chart, legend) = root.split_horizontally(SIZE.0 - LEGEND);
        // A backend that writes to a text cannot fail.
        let drawn = root
            .fill(&rgb(BACKGROUND))
            .and_then(|()| plot.areas(&chart))
            .and_then(|()| labels(&legend, last, &layers))
            .and_then(|()| root.present());
        drawn.ok()?;
    }
    Some(with_dark_colors(&svg, title))
}

/// Writes the chart to a file, which appears when it is complete. Nothing is written for a history
/// without times.
pub(crate) fn write(history: &StatusHistory, path: &Path, title: &str) -> Result<(), Failure> {
    match svg(history, title) {
        Some(svg) => crate::output::write_file(path, svg.as_bytes()),
        None => Ok(()),
    }
}

/// Returns the seconds from the first time to another one.
fn elapsed(first: &StatusCounts, counts: &StatusCounts) -> f64 {
    let elapsed = counts.at.duration_since(first.at).unwrap_or_default();
    elapsed.as_secs_f64()
}

/// Returns the times with their seconds. Of those in one column of pixels, the last one counts.
fn columns(times: &[StatusCounts], whole: f64) -> Vec<(f64, &StatusCounts)> {
    let mut columns: Vec<(f64, &StatusCounts)> = Vec::new();
    for counts in times {
        let seconds = times.first().map_or(0.0, |first| elapsed(first, counts));
        match columns.last_mut() {
            // The first time keeps its numbers: the chart begins with them.
            Some((earlier, last)) if *earlier > 0.0 && seconds - *earlier < whole / COLUMNS => *last = counts,
            _ => columns.push((seconds, counts)),
        }
    }
    columns
}

/// Texts and sizes beside the legend.
struct Plot<'a> {
    title: &'a str,
    /// Time at the left edge.
    begin: String,
    /// Seconds at the right edge.
    end: f64,
    /// Number of analyses at the upper edge.
    top: u64,
    columns: Vec<(f64, &'a StatusCounts)>,
    layers: &'a [(&'a str, Color)],
}

impl Plot<'_> {
    /// Draws the axes, and an area for each status from the bottom to the top.
    fn areas(&self, area: &Area<'_>) -> Drawn {
        let scale = Scale::of(Duration::from_secs_f64(self.end));
        let mut chart = ChartBuilder::on(area)
            .caption(self.title, style(17))
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..self.end / scale.seconds, 0.0..self.top as f64)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(rgb(BACKGROUND).mix(0.0))
            .bold_line_style(rgb(FAINT))
            .axis_style(rgb(INK))
            .label_style(style(13))
            .x_desc(format!("{} since {}", scale.unit, self.begin))
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
        let mut below = vec![0; self.columns.len()];
        for (status, color) in self.layers {
            let lower = self.steps(&below, scale.seconds);
            for (below, (_, counts)) in below.iter_mut().zip(&self.columns) {
                *below += count_of(counts, status);
            }
            let upper = self.steps(&below, scale.seconds);
            let outline = { upper.iter() }.chain(lower.iter().rev()).copied();
            chart.draw_series([Polygon::new(outline.collect::<Vec<_>>(), rgb(*color).filled())])?;
            chart.draw_series([PathElement::new(upper, rgb(BACKGROUND))])?;
        }
        Ok(())
    }

    /// Returns the upper edge of an area: each height holds until the next time.
    fn steps(&self, heights: &[u64], unit: f64) -> Vec<(f64, f64)> {
        let ends = { self.columns.iter().skip(1) }.map(|(seconds, _)| *seconds);
        let ends = ends.chain([self.end]);
        let steps = { self.columns.iter().zip(ends) }.zip(heights);
        steps
            .flat_map(|(((begin, _), end), height)| [(begin / unit, *height as f64), (end / unit, *height as f64)])
            .collect()
    }
}

fn count_of(counts: &StatusCounts, status: &str) -> u64 {
    let all = counts.by_status().into_iter();
    all.filter(|(name, _)| *name == status).map(|(_, count)| count).sum()
}

/// Draws the legend: the statuses in the order of the areas, with the counts at the end.
fn labels(area: &Area<'_>, last: &StatusCounts, layers: &[(&str, Color)]) -> Drawn {
    let right = i32::try_from(LEGEND).unwrap_or(0) - 16;
    let mut y = 48;
    for (status, color) in layers.iter().rev() {
        let count = count_of(last, status);
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
    use std::time::{Duration, UNIX_EPOCH};

    use ica_batch_sdk_ext::types::AnalysisStatus;
    use ica_batch_sdk_ext::{StatusCounts, StatusHistory};

    use super::{COLUMNS, Scale, columns, grouped, svg};

    fn counts<const N: usize>(second: u64, runs: [(&str, u64); N]) -> StatusCounts {
        let mut counts = StatusCounts::new(UNIX_EPOCH + Duration::from_secs(second));
        counts.runs = { runs.into_iter() }
            .map(|(status, count)| (AnalysisStatus::from(status), count))
            .collect();
        counts
    }

    fn history<const N: usize>(times: [StatusCounts; N]) -> StatusHistory {
        let mut history = StatusHistory::default();
        times.iter().for_each(|counts| history.record(counts));
        history
    }

    fn night() -> StatusHistory {
        history([
            counts(0, [("QUEUED", 1200)]),
            counts(600, [("QUEUED", 300), ("IN_PROGRESS", 900)]),
            counts(1200, [("SUCCEEDED", 1199), ("FAILED", 1)]),
        ])
    }

    /// Returns the points of each area.
    fn areas(svg: &str) -> Vec<Vec<(f64, f64)>> {
        let number = |text: &str| text.parse::<f64>().unwrap();
        let areas = svg.split("<polygon").skip(1).map(|area| {
            let (_, points) = area.split_once("points=\"").unwrap();
            let (points, _) = points.split_once('"').unwrap();
            let points = points.split_whitespace().map(|point| point.split_once(',').unwrap());
            points.map(|(x, y)| (number(x), number(y))).collect()
        });
        areas.collect()
    }

    fn width(area: &[(f64, f64)]) -> f64 {
        let of = |fold: fn(f64, f64) -> f64, start| area.iter().map(|(x, _)| *x).fold(start, fold);
        of(f64::max, 0.0) - of(f64::min, f64::MAX)
    }

    fn height(area: &[(f64, f64)]) -> f64 {
        let of = |fold: fn(f64, f64) -> f64, start| area.iter().map(|(_, y)| *y).fold(start, fold);
        of(f64::max, 0.0) - of(f64::min, f64::MAX)
    }

    #[test]
    fn each_status_has_an_area_and_a_line_of_the_legend() {
        let svg = svg(&night(), "cohort-42").unwrap();
        assert_eq!(areas(&svg).len(), 4, "{svg}");
        for text in [
            "QUEUED",
            "IN_PROGRESS",
            "SUCCEEDED",
            "FAILED",
            "1\u{202f}199",
            "minutes since 1970-01-01 00:00:00 UTC",
            "cohort-42",
        ] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
    }

    #[test]
    fn the_last_numbers_are_seen_at_the_right_edge() {
        let svg = svg(&night(), "cohort-42").unwrap();
        let succeeded = &areas(&svg)[0];
        let right = succeeded.iter().map(|(x, _)| *x).fold(0.0, f64::max);
        let at_the_edge = { succeeded.iter() }.filter(|(x, _)| *x == right).map(|(_, y)| *y);
        let at_the_edge = at_the_edge.collect::<Vec<_>>();
        assert!(height(succeeded) > 250.0, "{succeeded:?}");
        assert!(at_the_edge.iter().any(|y| *y < 60.0), "{succeeded:?}");
    }

    #[test]
    fn titles_and_statuses_cannot_add_elements() {
        let hostile = "<script>alert(1)</script> & more";
        let svg = svg(&history([counts(0, [(hostile, 3)])]), hostile).unwrap();
        assert!(!svg.contains("<script"), "{svg}");
    }

    #[test]
    fn one_time_fills_the_chart_and_none_is_not_drawn() {
        assert_eq!(svg(&StatusHistory::default(), "empty"), None);
        let svg = svg(&history([counts(0, [("QUEUED", 3), ("SUCCEEDED", 1)])]), "one").unwrap();
        let areas = areas(&svg);
        assert_eq!(areas.len(), 2);
        let heights = areas.iter().map(|area| height(area)).collect::<Vec<_>>();
        assert!(areas.iter().all(|area| width(area) > 600.0), "{areas:?}");
        assert!((heights[1] / heights[0] - 3.0).abs() < 0.1, "{heights:?}");
    }

    #[test]
    fn the_size_of_a_chart_is_bounded() {
        let times = (0..2000_u64).map(|step| counts(step * 60, [("QUEUED", 2000 - step), ("SUCCEEDED", step + 1)]));
        let times = times.collect::<Vec<_>>();
        let drawn = columns(&times, 1999.0 * 60.0);
        assert!(drawn.len() < COLUMNS as usize + 2, "{}", drawn.len());
        assert_eq!(drawn[0].1, &times[0]);
        assert_eq!(drawn[drawn.len() - 1].1, &times[1999]);
        let mut history = StatusHistory::default();
        times.iter().for_each(|counts| history.record(counts));
        let svg = svg(&history, "long").unwrap();
        assert!(svg.len() < 100_000, "{}", svg.len());
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
