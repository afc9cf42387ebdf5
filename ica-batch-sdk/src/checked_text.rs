//! Text that ICA limits in length or characters, checked before it is sent.
//!
//! Each kind is a type of its own ([`UserReference`](crate::types::UserReference)), so a request
//! cannot be built from invalid text. The limits are generated from the OpenAPI description; the
//! errors are in words.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::visible::Escaped;

/// Error for a text that is not within the limits that ICA publishes for it.
///
/// ```
/// use ica_batch_sdk::types::UserReference;
///
/// let error = "sample.1".parse::<UserReference>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "user reference \"sample.1\" is not valid: it contains '.'; \
///      use ASCII letters, digits, spaces, '_' and '-', with a single '/' between two parts",
/// );
/// assert_eq!((error.subject(), error.text()), ("user reference", "sample.1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidText {
    subject: &'static str,
    text: Box<str>,
    reason: Cow<'static, str>,
    advice: Cow<'static, str>,
}

impl InvalidText {
    /// Returns the kind of text, for example `user reference`.
    pub fn subject(&self) -> &str {
        self.subject
    }

    /// Returns the text that is not valid.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the reason, for example `it contains '.'`.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for InvalidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            text,
            reason,
            advice,
        } = self;
        write!(f, "{subject} {} is not valid: {reason}; {advice}", Quoted(text))
    }
}

impl Error for InvalidText {}

/// Text in quotation marks, cut after [`QUOTED_CHARS`] characters.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

/// Keeps an error on one line when somebody passes a whole file.
const QUOTED_CHARS: usize = 80;

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(QUOTED_CHARS) {
            Some((end, _)) => write!(f, "{:?}…", Escaped(&self.0[..end])),
            None => write!(f, "{:?}", Escaped(self.0)),
        }
    }
}

/// Limits of one kind of text.
pub(crate) struct Limits {
    /// Name in errors.
    pub(crate) subject: &'static str,
    /// Least number of characters.
    pub(crate) min: usize,
    /// Greatest number of characters.
    pub(crate) max: Option<usize>,
    /// Regular expression that ICA publishes.
    pub(crate) pattern: Option<&'static str>,
    /// Words for the pattern, if the generator knows it.
    pub(crate) words: Option<PatternWords>,
}

/// Words for a regular expression.
pub(crate) struct PatternWords {
    /// Characters allowed besides ASCII letters and digits. `None` allows every character.
    pub(crate) others: Option<&'static str>,
    /// Reason when each character is allowed and the text is still not valid.
    pub(crate) otherwise: &'static str,
    /// Advice after the reason.
    pub(crate) advice: &'static str,
}

impl Limits {
    /// Checks the text; `matches` evaluates the pattern.
    pub(crate) fn check(&self, text: &str, matches: impl FnOnce(&str) -> bool) -> Result<(), InvalidText> {
        let problem = self.length(text.chars().count()).or_else(|| {
            let pattern = self.pattern.filter(|_| !matches(text))?;
            Some(match &self.words {
                Some(words) => (words.reason(text), words.advice.into()),
                None => (
                    "it does not match the pattern that ICA publishes".into(),
                    format!("use text that matches {pattern}").into(),
                ),
            })
        });
        match problem {
            None => Ok(()),
            Some((reason, advice)) => Err(InvalidText {
                subject: self.subject,
                text: text.into(),
                reason,
                advice,
            }),
        }
    }

    /// Returns the reason and the advice for a wrong length.
    fn length(&self, length: usize) -> Option<(Cow<'static, str>, Cow<'static, str>)> {
        let is_valid = length >= self.min && self.max.is_none_or(|max| length <= max);
        if is_valid {
            return None;
        }
        let reason = match length {
            0 => "it is empty".into(),
            1 => "it has 1 character".into(),
            _ => format!("it has {length} characters").into(),
        };
        let advice = match self.max {
            Some(max) if self.min > 0 => format!("use {} to {max} characters", self.min),
            Some(max) => format!("use at most {max} characters"),
            None => format!("use at least {}", characters(self.min)),
        };
        Some((reason, advice.into()))
    }
}

fn characters(count: usize) -> String {
    match count {
        1 => "1 character".to_owned(),
        _ => format!("{count} characters"),
    }
}

impl PatternWords {
    fn reason(&self, text: &str) -> Cow<'static, str> {
        let is_allowed = |c: char| {
            self.others
                .is_none_or(|others| c.is_ascii_alphanumeric() || others.contains(c))
        };
        match text.chars().find(|c| !is_allowed(*c)) {
            Some(c) => format!("it contains {c:?}").into(),
            None => self.otherwise.into(),
        }
    }
}

/// Defines a type that holds only text within its limits.
macro_rules! checked_text {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            subject: $subject:literal,
            min: $min:literal,
            max: $max:expr,
            pattern: $pattern:expr,
            words: $words:expr,
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(::std::string::String);

        impl $name {
            const LIMITS: $crate::Limits = $crate::Limits {
                subject: $subject,
                min: $min,
                max: $max,
                pattern: $pattern,
                words: $words,
            };

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            fn check(text: &str) -> ::std::result::Result<(), $crate::InvalidText> {
                static PATTERN: ::std::sync::LazyLock<::std::option::Option<::regress::Regex>> =
                    ::std::sync::LazyLock::new(|| {
                        // The generator has compiled the pattern, so it is valid.
                        $name::LIMITS.pattern.and_then(|pattern| ::regress::Regex::new(pattern).ok())
                    });
                Self::LIMITS.check(text, |text| PATTERN.as_ref().is_none_or(|pattern| pattern.find(text).is_some()))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::InvalidText;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                Self::check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl ::std::convert::TryFrom<&str> for $name {
            type Error = $crate::InvalidText;

            fn try_from(text: &str) -> ::std::result::Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl ::std::convert::TryFrom<::std::string::String> for $name {
            type Error = $crate::InvalidText;

            fn try_from(text: ::std::string::String) -> ::std::result::Result<Self, Self::Error> {
                Self::check(&text)?;
                Ok(Self(text))
            }
        }

        impl ::std::convert::From<$name> for ::std::string::String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let text = ::std::string::String::deserialize(deserializer)?;
                Self::try_from(text).map_err(::serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                Self::LIMITS.json_schema()
            }
        }
    };
}
pub(crate) use checked_text;

#[cfg(feature = "schemars")]
impl Limits {
    /// Returns the limits as a JSON schema.
    pub(crate) fn json_schema(&self) -> schemars::Schema {
        let mut schema = schemars::json_schema!({ "type": "string" });
        if self.min > 0 {
            schema.insert("minLength".to_owned(), self.min.into());
        }
        if let Some(max) = self.max {
            schema.insert("maxLength".to_owned(), max.into());
        }
        if let Some(pattern) = self.pattern {
            schema.insert("pattern".to_owned(), pattern.into());
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use crate::types::{CreateNextflowAnalysis, CreateSample, IdempotencyKeyHeader, UserReference};

    fn reason(text: &str) -> String {
        let error = text.parse::<UserReference>().unwrap_err();
        assert_eq!(UserReference::try_from(text), Err(error.clone()));
        assert_eq!(UserReference::try_from(text.to_owned()), Err(error.clone()));
        error.reason().to_owned()
    }

    #[test]
    fn valid_text_is_kept_as_it_is() {
        for text in ["a", "/cohort-42/sample_1", "x y", &"x".repeat(255)] {
            assert_eq!(text.parse::<UserReference>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn an_error_names_the_first_character_that_is_not_allowed() {
        assert_eq!(reason("a.b!c"), "it contains '.'");
        assert_eq!(reason("größe"), "it contains 'ö'");
        assert_eq!(reason("a\nb"), "it contains '\\n'");
        assert_eq!(reason("a\n"), "it contains '\\n'");
    }

    #[test]
    fn an_error_names_misplaced_separators() {
        for text in ["a/", "a//b", "/"] {
            assert_eq!(reason(text), "it ends with '/' or contains '//'");
        }
    }

    #[test]
    fn an_error_about_the_length_gives_both_numbers() {
        let error = "x".repeat(256).parse::<UserReference>().unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.ends_with("x\"… is not valid: it has 256 characters; use 1 to 255 characters"),
            "{shown}"
        );
        assert_eq!(reason(""), "it is empty");
        let header = "k".repeat(256).parse::<IdempotencyKeyHeader>().unwrap_err();
        assert_eq!(header.subject(), "Idempotency-Key header");
        assert!(header.to_string().ends_with("use at most 255 characters"), "{header}");
    }

    #[test]
    fn a_builder_takes_text_and_fails_in_words() {
        let error = CreateNextflowAnalysis::builder()
            .user_reference("a/")
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.starts_with("user reference \"a/\" is not valid: ")));

        let sample = CreateSample::builder().name("NA12878").unwrap();
        let sample = sample
            .maybe_description(Some(String::from("trio, mother")))
            .unwrap()
            .build();
        assert_eq!(sample.description.unwrap().as_str(), "trio, mother");
    }

    #[test]
    fn json_is_checked_in_the_same_words() {
        assert_eq!(
            serde_json::from_str::<UserReference>("\"a-1\"").unwrap().as_str(),
            "a-1"
        );
        let error = serde_json::from_str::<UserReference>("\"a.1\"").unwrap_err();
        assert!(error.to_string().contains("it contains '.'"), "{error}");
    }
}
