//! Enums that keep an unknown value.
//!
//! ICA adds values before its description lists them. A response with a new value must be read, and
//! must be written again as it was. So each open enum has one more variant, which contains the text
//! of an unknown value. Only the conversion from text creates this variant, so it never contains a
//! value that has a variant of its own. Its text is opaque, so a `match` cannot depend on a value
//! that a later release names.
//!
//! A server can send any text in place of a value. So an unknown value keeps a limited number of
//! characters, and `Display` writes it without characters that change how other text is shown.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::hash::Hash;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::{DeserializeOwned, Visitor};

use crate::checked_text::Quoted;
use crate::visible::{Escaped, visible};

/// Longest unknown value that is kept, in characters. The longest known value has 30.
const MAX_CHARACTERS: usize = 128;

/// Trait of the open enums of this crate.
///
/// Code that is generic over a status uses it to list the known values and to read a value that a
/// person typed.
///
/// ```
/// use ica_batch_sdk::OpenEnum;
/// use ica_batch_sdk::types::{ItemStatus, JobStatus};
///
/// fn unknown<E: OpenEnum>(values: &[E]) -> usize {
///     values.iter().filter(|value| !value.is_recognized()).count()
/// }
/// assert_eq!(unknown(&[JobStatus::Running, JobStatus::from("PAUSED")]), 1);
/// assert_eq!(unknown(ItemStatus::KNOWN), 0);
/// ```
pub trait OpenEnum:
    Clone + Ord + Hash + Debug + Display + Serialize + DeserializeOwned + for<'a> From<&'a str> + Send + Sync + 'static
{
    /// Name of the type.
    const NAME: &'static str;

    /// The values that this release names.
    const KNOWN: &'static [Self];

    /// Returns the value as ICA writes it. An unknown value is cut after 128 characters.
    fn as_str(&self) -> &str;

    /// Returns whether this release names the value.
    fn is_recognized(&self) -> bool;

    /// Converts text that a person typed, and accepts known values only.
    ///
    /// # Errors
    /// When the value is unknown. The error lists the known values.
    fn try_parse(text: &str) -> Result<Self, UnknownValue> {
        let value = Self::from(text);
        if value.is_recognized() {
            return Ok(value);
        }
        Err(UnknownValue {
            name: Self::NAME,
            text: kept(text),
            known: Self::KNOWN.iter().map(|known| known.as_str().to_owned()).collect(),
        })
    }
}

/// Error for a text that is not a known value of an open enum.
///
/// ```
/// use ica_batch_sdk::types::ItemStatus;
///
/// let error = ItemStatus::try_parse("SUCEEDED").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "ItemStatus \"SUCEEDED\" is not valid: it is unknown; use one of RUNNING, WAITING_RESOURCES, SUCCEEDED, FAILED",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct UnknownValue {
    name: &'static str,
    text: Box<str>,
    known: Vec<String>,
}

impl UnknownValue {
    /// Returns the text that is not a known value. It is cut after 128 characters.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the known values as ICA writes them.
    pub fn known(&self) -> &[String] {
        &self.known
    }
}

impl Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, text, known } = self;
        let text = Quoted(text);
        write!(
            f,
            "{name} {text} is not valid: it is unknown; use one of {}",
            known.join(", ")
        )
    }
}

impl Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, text, known } = self;
        f.debug_struct("UnknownValue")
            .field("name", name)
            .field("text", &Escaped(text))
            .field("known", known)
            .finish()
    }
}

impl Error for UnknownValue {}

/// Text of an unknown value.
///
/// Only the conversion from text creates it, so it is never a value that has a variant of its own.
/// It keeps at most 128 characters, and then ends with "…". `Display` of the enum leaves out control
/// characters and characters that change the direction of text; `Debug` escapes them.
///
/// ```
/// use ica_batch_sdk::types::JobStatus;
///
/// let JobStatus::Unrecognized(text) = JobStatus::from("PAUSED") else {
///     panic!("this release names no such value");
/// };
/// assert_eq!(text.as_str(), "PAUSED");
///
/// let long = JobStatus::from("X".repeat(1000));
/// assert_eq!(long.as_str().chars().count(), 129);
/// assert_eq!(JobStatus::from("PAU\u{202e}SED").to_string(), "PAUSED");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnrecognizedValue(Box<str>);

impl UnrecognizedValue {
    pub(crate) fn new(text: &str) -> Self {
        Self(kept(text))
    }

    /// Returns the value as ICA wrote it, cut after 128 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the value without characters that change how other text is shown.
    pub(crate) fn visible(&self) -> Cow<'_, str> {
        visible(&self.0)
    }
}

/// Returns the part of a value that is kept.
fn kept(text: &str) -> Box<str> {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

impl Debug for UnrecognizedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(&Escaped(&self.0), f)
    }
}

/// Reads an open enum from text.
///
/// It is not a part of the macro: there its names could be those of an enum.
pub(crate) struct OpenEnumVisitor<E>(PhantomData<E>);

impl<E> Default for OpenEnumVisitor<E> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<E: OpenEnum> Visitor<'_> for OpenEnumVisitor<E> {
    type Value = E;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value of {}", E::NAME)
    }

    fn visit_str<Failure>(self, text: &str) -> Result<E, Failure> {
        Ok(E::from(text))
    }
}

/// Defines an open enum: the variants with their values, and further spellings of a value.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $variant:ident = $value:literal $(| $alias:literal)* ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $value, "`.")]
                $variant,
            )+
            /// Value that this release does not name.
            Unrecognized($crate::UnrecognizedValue),
        }

        impl $name {
            /// The values that this release names.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the value as ICA writes it. An unknown value is cut after 128 characters.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)+
                    Self::Unrecognized(text) => text.as_str(),
                }
            }

            /// Returns whether this release names the value.
            pub fn is_recognized(&self) -> bool {
                !matches!(self, Self::Unrecognized(_))
            }

            /// Converts text that a person typed, and accepts known values only.
            ///
            /// # Errors
            /// When the value is unknown. The error lists the known values.
            pub fn try_parse(text: &str) -> ::std::result::Result<Self, $crate::UnknownValue> {
                <Self as $crate::OpenEnum>::try_parse(text)
            }
        }

        impl $crate::OpenEnum for $name {
            const NAME: &'static str = stringify!($name);
            const KNOWN: &'static [Self] = Self::KNOWN;

            fn as_str(&self) -> &str {
                self.as_str()
            }

            fn is_recognized(&self) -> bool {
                self.is_recognized()
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($value $(| $alias)* => Self::$variant,)+
                    _ => Self::Unrecognized($crate::UnrecognizedValue::new(text)),
                }
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, ::std::convert::Infallible> {
                Ok(Self::from(text))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    Self::Unrecognized(text) => f.pad(&text.visible()),
                    known => f.pad(known.as_str()),
                }
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                deserializer.deserialize_str($crate::OpenEnumVisitor::<Self>::default())
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({
                    "anyOf": [
                        { "enum": [$($value),+] },
                        { "type": "string", "description": "A value that this release does not name." },
                    ],
                })
            }
        }
    };
}
pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    use crate::types::AnalysisStatus;

    #[test]
    fn every_conversion_of_a_known_value_gives_its_variant() {
        assert_eq!(AnalysisStatus::from("QUEUED"), AnalysisStatus::Queued);
        assert_eq!("QUEUED".parse(), Ok(AnalysisStatus::Queued));
        assert_eq!(
            serde_json::from_str::<AnalysisStatus>("\"QUEUED\"").unwrap(),
            AnalysisStatus::Queued
        );
    }

    #[test]
    fn an_older_spelling_is_written_in_the_newer_one() {
        let status = AnalysisStatus::from("INPROGRESS");
        assert_eq!(status, AnalysisStatus::InProgress);
        assert_eq!(status.to_string(), "IN_PROGRESS");
    }

    #[test]
    fn an_unknown_value_is_written_as_it_was_read() {
        let status: AnalysisStatus = serde_json::from_str("\"PAUSED\"").unwrap();
        assert!(!status.is_recognized());
        assert_eq!(status.as_str(), "PAUSED");
        assert_eq!(serde_json::to_string(&status).unwrap(), "\"PAUSED\"");
        assert!(AnalysisStatus::KNOWN.iter().all(AnalysisStatus::is_recognized));
    }

    #[test]
    fn a_long_unknown_value_is_cut_and_stays_what_it_is() {
        let long = "é".repeat(1_000_000);
        let status: AnalysisStatus = serde_json::from_str(&format!("\"{long}\"")).unwrap();
        assert_eq!(status.as_str(), format!("{}…", "é".repeat(128)));
        let AnalysisStatus::Unrecognized(text) = &status else {
            panic!("it is unknown");
        };
        assert!(text.as_str().len() < 300, "{}", text.as_str().len());
        assert_eq!(AnalysisStatus::from(status.as_str()), status, "reading it again");
        let exact = "x".repeat(128);
        assert_eq!(AnalysisStatus::from(exact.as_str()).as_str(), exact);
        let error = AnalysisStatus::try_parse(&long).unwrap_err();
        assert!(error.text().len() < 300 && format!("{error} {error:?}").len() < 2000);
    }

    #[test]
    fn no_text_of_an_unknown_value_changes_how_other_text_is_shown() {
        let hostile = (0..=0x10_ffff)
            .filter_map(char::from_u32)
            .filter(|c| c.is_control() || crate::is_invisible(*c));
        for c in hostile {
            let status = AnalysisStatus::from(format!("A{c}B").as_str());
            let typed = AnalysisStatus::try_parse(&format!("A{c}B")).unwrap_err();
            for shown in [
                format!("{status} {status:>9}"),
                format!("{status:?}"),
                typed.to_string(),
                format!("{typed:?}"),
            ] {
                assert!(!shown.contains(c), "{c:?} in {shown:?}");
            }
        }
        assert_eq!(AnalysisStatus::from("A\r\nB").to_string(), "A B");
    }

    #[test]
    fn a_typed_value_must_be_known() {
        assert_eq!(AnalysisStatus::try_parse("INPROGRESS"), Ok(AnalysisStatus::InProgress));
        let error = AnalysisStatus::try_parse("queued").unwrap_err();
        assert_eq!(error.text(), "queued");
        assert_eq!(error.known().len(), AnalysisStatus::KNOWN.len());
    }

    #[test]
    fn a_number_is_an_error() {
        let error = serde_json::from_str::<AnalysisStatus>("7").unwrap_err();
        assert!(error.to_string().contains("a value of AnalysisStatus"), "{error}");
    }
}
