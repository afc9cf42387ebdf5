//! Characters of foreign text that may be shown.
//!
//! Control characters move the cursor of a terminal. Format characters are not visible: they hide
//! text, or change its direction, so that a line reads as another one.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Returns whether a character is a format character: it is not visible, or changes how the
/// characters around it are shown. Control characters are not among them.
///
/// These are Unicode's default ignorable code points, its bidirectional controls and its
/// interlinear annotations.
#[doc(hidden)]
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Returns the text on one line and without format characters. White space is joined, and control
/// characters count as white space.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if text
        .chars()
        .all(|c| c == ' ' || !(c.is_control() || c.is_whitespace() || is_invisible(c)))
    {
        return text.into();
    }
    let shown = text.chars().filter(|c| !is_invisible(*c));
    let shown = shown.map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    shown.split_whitespace().collect::<Vec<_>>().join(" ").into()
}

/// Text in quotation marks, with escapes for control and format characters. The standard library
/// escapes only some of the latter.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '\'' => f.write_char(c)?,
                c if is_invisible(c) => write!(f, "{}", c.escape_unicode())?,
                c => write!(f, "{}", c.escape_debug())?,
            }
        }
        f.write_char('"')
    }
}
