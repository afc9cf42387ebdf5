//! Text that is never shown.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Secret text. `Debug` shows the name of the type only.
///
/// Clones share one copy of the text, which is overwritten with zeros when the last one is dropped.
/// Copies of other owners are not: see [`Credentials`](crate::Credentials).
#[derive(Clone)]
pub(crate) struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes over a text without the white space around it. Makes no other copy.
    pub(crate) fn new(text: String) -> Self {
        let mut text = Zeroizing::new(text);
        let end = text.trim_end().len();
        text.truncate(end);
        let start = text.len() - text.trim_start().len();
        text.drain(..start);
        Self(Arc::new(text))
    }

    /// Returns the text, to send it or to remove it from other text.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_shows_the_name_of_the_type_only() {
        let secret = Secret::new("hush".to_owned());
        assert_eq!(format!("{secret:?} {secret:#?}"), "Secret Secret");
        assert_eq!(secret.expose(), "hush");
    }

    #[test]
    fn the_text_is_never_copied() {
        for padded in ["hush", " hush\r\n", "\u{2003}hush", " ", ""] {
            let text = padded.to_owned();
            let (place, capacity) = (text.as_ptr(), text.capacity());
            let secret = Secret::new(text);
            let clone = secret.clone();
            assert_eq!(clone.expose(), padded.trim());
            assert_eq!((clone.expose().as_ptr(), clone.0.capacity()), (place, capacity));
        }
    }

    #[test]
    fn the_text_is_overwritten_when_it_is_dropped() {
        fn is_overwritten<T: zeroize::ZeroizeOnDrop>(_: &T) -> bool {
            true
        }
        assert!(is_overwritten(&*Secret::new("hush".to_owned()).0));
    }
}
