//! Batch that an unusable response to a create names.
//!
//! Nothing of such a response is used but the id: with it, the batch can be read and is not lost.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// Batch that a response names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Created {
    pub(crate) batch: Uuid,
    /// Project of the batch, where the response has it.
    pub(crate) project: Option<Uuid>,
}

#[derive(Deserialize)]
struct Body {
    id: Uuid,
    #[serde(default)]
    job: Value,
}

impl Created {
    /// Reads a complete JSON object with the id of a batch. Everything else in it may be of any
    /// form.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let Body { id, job } = serde_json::from_slice(bytes).ok()?;
        let project = job.pointer("/project/id").and_then(Value::as_str);
        Some(Self {
            batch: id,
            project: project.and_then(|project| project.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::Created;

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    fn batch(text: &str) -> Option<u128> {
        Created::from_bytes(text.as_bytes()).map(|created| created.batch.as_u128())
    }

    #[test]
    fn the_id_is_read_whatever_the_rest_is() {
        for rest in [
            "",
            r#","job":null"#,
            r#","job":7"#,
            r#","job":{"status":[],"project":{"id":"p"}}"#,
            r#","new":{"id":"x"}"#,
        ] {
            assert_eq!(batch(&format!(r#"{{"id":"{ID}"{rest}}}"#)), Some(1), "{rest}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_batch_has_no_id() {
        let texts = [
            "".to_owned(),
            "<html>".to_owned(),
            format!("\"{ID}\""),
            format!(r#"{{"job":{{"id":"{ID}"}}}}"#),
            format!(r#"{{"id":"{ID}","job":"#),
            format!(r#"{{"id":"{ID}","id":"{ID}"}}"#),
            format!(r#"[{{"id":"{ID}"}}]"#),
            r#"{"id":7}"#.to_owned(),
            r#"{"id":"7"}"#.to_owned(),
        ];
        for text in texts {
            assert_eq!(batch(&text), None, "{text}");
        }
    }

    #[test]
    fn the_project_is_read_where_it_is_a_uuid() {
        let text = format!(r#"{{"id":"{ID}","job":{{"status":7,"project":{{"id":"{ID}"}}}}}}"#);
        let created = Created::from_bytes(text.as_bytes()).unwrap();
        assert_eq!(created.project, Some(Uuid::from_u128(1)));
    }
}
