//! The README of the crate, which is also its documentation.

use std::fmt::Write;

use super::content::Content;

/// Returns the text of `README.md`.
pub(super) fn text(name: &str, content: &Content<'_>) -> String {
    let operations = content
        .source
        .lines()
        .filter(|line| line.trim() == "crate::Operation {")
        .count();
    let generator = env!("CARGO_PKG_VERSION");
    let library = name.replace('-', "_");
    let mut text = format!(
        "# {name}\n\n\
         Client of {operations} operations, generated from an OpenAPI description by ica-batch-xtask {generator}.\n\n\
         Create one `{library}::Client` per call: `Client::new_with_client(base_url, http, CallContext::new())`.\n\
         `CallContext` has the credential, the timeout and the limit of the response. `OPERATIONS` is the\n\
         table of all operations. Other modules are copies of those of ica-batch-sdk.\n"
    );
    if !content.skipped.is_empty() {
        text += "\n## Left out\n\nThese operations of the description are not in the client:\n\n";
        for skipped in content.skipped {
            let _ = writeln!(text, "- `{}`: {}", plain(&skipped.operation_id), plain(&skipped.reason));
        }
    }
    if !content.remarks.is_empty() {
        text += "\n## To decide\n\nThe client compiles without these decisions:\n\n";
        for remark in content.remarks {
            let _ = writeln!(text, "- `{}`: {}", plain(&remark.place), plain(&remark.text));
        }
    }
    text
}

/// Replaces characters that Markdown would read as something else than text.
fn plain(text: &str) -> String {
    let is_special = |c: char| c.is_control() || matches!(c, '`' | '<' | '>' | '[' | ']' | '\\');
    text.replace(is_special, " ")
}

#[cfg(test)]
mod tests {
    use super::Content;
    use crate::lower::Skipped;

    #[test]
    fn what_is_left_out_is_listed_on_one_line() {
        let skipped = [Skipped {
            operation_id: "up`load\n<b>".to_owned(),
            reason: "its request is [x](y)".to_owned(),
        }];
        let content = Content {
            source: "crate::Operation {\n}\n    crate::Operation {\n}\n/// crate::Operation {",
            skipped: &skipped,
            remarks: &[],
        };
        let text = super::text("ica-client", &content);
        assert!(text.contains("\n- `up load  b `: its request is  x (y)\n"), "{text}");
        assert!(
            text.contains("Client of 2 operations") && !text.contains("To decide"),
            "{text}"
        );
        assert!(text.contains("`ica_client::Client`"), "{text}");
    }
}
