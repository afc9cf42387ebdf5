//! A bar of several segments, as text.

use anstyle::{AnsiColor, Style};

/// Part of a bar. Each has a sign of its own, so that it can be told without colors.
#[derive(Debug, Clone, Copy)]
pub(super) enum Segment {
    Succeeded,
    Failed,
    Running,
    Rest,
}

impl Segment {
    fn sign(self) -> char {
        match self {
            Self::Succeeded => '█',
            Self::Failed => '×',
            Self::Running => '▒',
            Self::Rest => '░',
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Succeeded => AnsiColor::Green.on_default(),
            Self::Failed => AnsiColor::Red.on_default().bold(),
            Self::Running => AnsiColor::Cyan.on_default(),
            Self::Rest => Style::new().dimmed(),
        }
    }
}

/// Returns a bar of this width. A segment that is not empty has a sign at least, as long as there
/// is room.
pub(super) fn bar(width: usize, segments: &[(Segment, u64)], has_colors: bool) -> String {
    let total = segments.iter().map(|(_, count)| count).sum::<u64>().max(1);
    let (mut text, mut used, mut counted) = (String::new(), 0, 0_u64);
    for (index, (segment, count)) in segments.iter().enumerate() {
        counted += count;
        let end = (counted as f64 / total as f64 * width as f64).floor() as usize;
        let later = segments.iter().skip(index + 1).filter(|(_, count)| *count > 0).count();
        let end = match count {
            0 => used,
            _ => end.max(used + 1).min(width.saturating_sub(later)).max(used),
        };
        let signs = segment.sign().to_string().repeat(end - used);
        if has_colors && !signs.is_empty() {
            let style = segment.style();
            text.push_str(&format!("{style}{signs}{style:#}"));
        } else {
            text.push_str(&signs);
        }
        used = end;
    }
    // Nothing is known yet.
    text.extend(std::iter::repeat_n(Segment::Rest.sign(), width - used));
    text
}

#[cfg(test)]
mod tests {
    use super::{Segment, bar};

    const ALL: [Segment; 4] = [Segment::Succeeded, Segment::Failed, Segment::Running, Segment::Rest];

    fn plain(counts: [u64; 4]) -> String {
        let segments = ALL.into_iter().zip(counts).collect::<Vec<_>>();
        bar(10, &segments, false)
    }

    #[test]
    fn segments_have_their_shares() {
        assert_eq!(plain([0, 0, 0, 0]), "░░░░░░░░░░");
        assert_eq!(plain([50, 10, 20, 20]), "█████×▒▒░░");
        assert_eq!(plain([100, 0, 0, 0]), "██████████");
    }

    #[test]
    fn a_small_segment_can_be_seen() {
        assert_eq!(plain([1, 1, 1, 9997]), "█×▒░░░░░░░");
        assert_eq!(plain([9997, 1, 1, 1]), "███████×▒░");
    }

    #[test]
    fn colors_do_not_change_the_signs() {
        let text = bar(4, &[(Segment::Succeeded, 1), (Segment::Failed, 1)], true);
        assert!(
            text.contains("██") && text.contains("××") && text.contains("\u{1b}["),
            "{text}"
        );
    }
}
