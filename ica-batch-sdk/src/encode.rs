//! An id as one segment of a path.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes whatever could be read as more than a name.
///
/// `.` and `..` stay what they are, encoded or not (WHATWG URL, section 4.4); the hooks refuse them.
pub(crate) fn encode_path(id: &str) -> String {
    utf8_percent_encode(id, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::encode_path;

    #[test]
    fn nothing_of_an_id_is_read_as_a_part_of_the_url() {
        assert_eq!(
            encode_path("a/..\\b?c#d e%2f:;@"),
            "a%2F..%5Cb%3Fc%23d%20e%252f%3A%3B%40"
        );
        assert_eq!(encode_path("5f3c9c1e-7a40_x.y~z"), "5f3c9c1e-7a40_x.y~z");
    }
}
