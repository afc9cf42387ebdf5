//! Words for the patterns that ICA publishes, so that no error shows a regular expression.

use serde_json::{Value, json};

/// Words for one pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// Characters allowed besides ASCII letters and digits. `None` allows every character.
    others: Option<&'static str>,
    /// Reason when each character is allowed and the text is still not valid.
    otherwise: &'static str,
    /// Advice after the reason.
    advice: &'static str,
}

const WORDS: [(&str, Words); 2] = [
    (
        "^[a-zA-Z0-9 _-]*(/[a-zA-Z0-9 _-]+)*$",
        Words {
            others: Some(" _-/"),
            otherwise: "it ends with '/' or contains '//'",
            advice: "use ASCII letters, digits, spaces, '_' and '-', with a single '/' between two parts",
        },
    ),
    (
        "^/([^/]+/?)*",
        Words {
            others: None,
            otherwise: "it does not begin with '/'",
            advice: "begin with '/'",
        },
    ),
];

/// Returns the words for this pattern, if it is known.
pub(super) fn of(pattern: &str) -> Option<Words> {
    let known = WORDS.iter().find(|(known, _)| *known == pattern);
    known.map(|(_, words)| *words)
}

impl Words {
    pub(super) fn to_json(self) -> Value {
        let mut value = json!({ "otherwise": self.otherwise, "advice": self.advice });
        if let Some(others) = self.others {
            value["others"] = json!(others);
        }
        value
    }
}
