//! Encoding of an id as one segment of a path.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All characters except the unreserved ones of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes every character that could have a meaning in a URL.
///
/// `.` and `..` are dot segments also when they are encoded (WHATWG URL, section 4.4). The hooks
/// reject them.
pub(crate) fn encode_path(id: &str) -> String {
    utf8_percent_encode(id, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::encode_path;

    #[test]
    fn an_encoded_id_has_no_meaning_in_a_url() {
        assert_eq!(
            encode_path("a/..\\b?c#d e%2f:;@"),
            "a%2F..%5Cb%3Fc%23d%20e%252f%3A%3B%40"
        );
        assert_eq!(encode_path("5f3c9c1e-7a40_x.y~z"), "5f3c9c1e-7a40_x.y~z");
    }
}
