//! Formats of manifest files.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Error, NAME, Result, shown};

/// Format of a manifest file. The text is UTF-8 in each of them.
///
/// ```
/// use ica_batch_sdk_ext::ManifestFormat;
///
/// let format = "tsv".parse::<ManifestFormat>()?;
/// assert_eq!(format, ManifestFormat::Tsv);
/// assert!("xlsx".parse::<ManifestFormat>().is_err());
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ManifestFormat {
    /// Fields separated by commas, with the names of the columns in the first line.
    Csv,
    /// Fields separated by tabs, with the names of the columns in the first line.
    Tsv,
    /// One JSON object in each line. The usual extension is `jsonl`.
    #[serde(rename = "jsonl")]
    JsonLines,
}

impl ManifestFormat {
    /// Returns the usual extension: `csv`, `tsv` or `jsonl`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::JsonLines => "jsonl",
        }
    }

    /// Returns the format that the extension of a file names.
    pub(super) fn of_path(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        extension.parse().map_err(|_| {
            let what = match extension.to_lowercase().as_str() {
                "" => "its name has no extension, so its format is not known".to_owned(),
                "gz" | "bz2" | "xz" | "zst" | "zip" => {
                    format!("a file with the extension {:?} is compressed", shown(&extension, NAME))
                }
                "xls" | "xlsx" | "ods" => {
                    return Error::invalid_input("it is a spreadsheet")
                        .with_advice("export it as CSV in UTF-8, and use that file");
                }
                _ => format!("the extension {:?} is not that of a format", shown(&extension, NAME)),
            };
            Error::invalid_input(what)
                .with_advice("use an uncompressed file that ends with .csv, .tsv or .jsonl, or name the format")
        })
    }
}

impl fmt::Display for ManifestFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ManifestFormat {
    type Err = Error;

    /// Reads a format by its usual extension, also `ndjson`, in upper or lower case.
    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "csv" => Ok(Self::Csv),
            "tsv" => Ok(Self::Tsv),
            "jsonl" | "ndjson" => Ok(Self::JsonLines),
            _ => Err(Error::invalid_input(format!(
                "{:?} is not a format of manifests; use csv, tsv or jsonl",
                shown(text, NAME)
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::ManifestFormat;

    #[test]
    fn the_extension_names_the_format() {
        for (name, format) in [
            ("a.csv", ManifestFormat::Csv),
            ("runs/a.b.TSV", ManifestFormat::Tsv),
            ("a.jsonl", ManifestFormat::JsonLines),
            ("a.ndjson", ManifestFormat::JsonLines),
        ] {
            assert_eq!(ManifestFormat::of_path(Path::new(name)).unwrap(), format, "{name}");
        }
        for format in [ManifestFormat::Csv, ManifestFormat::Tsv, ManifestFormat::JsonLines] {
            assert_eq!(format.to_string().parse::<ManifestFormat>().unwrap(), format);
            assert_eq!(serde_json::to_value(format).unwrap(), format.as_str());
        }
    }

    #[test]
    fn another_extension_is_refused_with_advice() {
        let error = |name: &str| ManifestFormat::of_path(Path::new(name)).unwrap_err().to_string();
        let advice = "use an uncompressed file that ends with .csv, .tsv or .jsonl, or name the format";
        assert_eq!(
            error("manifest"),
            format!("its name has no extension, so its format is not known; {advice}")
        );
        assert_eq!(
            error("a.csv.gz"),
            format!("a file with the extension \"gz\" is compressed; {advice}")
        );
        assert_eq!(
            error("a.txt"),
            format!("the extension \"txt\" is not that of a format; {advice}")
        );
        assert_eq!(
            error("a.xlsx"),
            "it is a spreadsheet; export it as CSV in UTF-8, and use that file"
        );
    }
}
