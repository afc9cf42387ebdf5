//! The version of the API that a request asks for.
//!
//! Facts of the public API description: bodies are `application/vnd.illumina.v3+json` or
//! `…v4+json`, and each operation has its own versions. A request whose Accept or Content-Type
//! names no version of the operation is refused with `ICA_API_004`.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};

use super::operation::Operation;
use super::problem::{Code, Problem};
use super::version::ApiVersion;

/// The versions that the server has and prefers.
#[derive(Clone, Debug)]
pub(crate) struct VersionPolicy {
    pub(crate) known: Vec<ApiVersion>,
    pub(crate) default_for_items: ApiVersion,
    pub(crate) refusal_status: u16,
}

impl VersionPolicy {
    /// Returns the version of the response.
    pub(crate) fn response_version(&self, operation: Operation, headers: &HeaderMap) -> Result<ApiVersion, Problem> {
        let offered: Vec<_> = operation
            .versions()
            .iter()
            .copied()
            .filter(|v| self.known.contains(v))
            .collect();
        let ranges = accepted_ranges(headers);
        if ranges.is_empty() {
            return self.own_choice(operation, &offered);
        }
        let named = ranges
            .iter()
            .find_map(|range| offered.iter().copied().find(|v| v.media_type() == range));
        match named {
            Some(version) => Ok(version),
            None if ranges.iter().any(|range| range == "*/*" || range == "application/*") => {
                self.own_choice(operation, &offered)
            }
            None => Err(self.refusal(operation, &offered, "Accept", &ranges.join(", "))),
        }
    }

    /// Checks that Content-Type names a version of the operation.
    pub(crate) fn check_content_type(&self, operation: Operation, headers: &HeaderMap) -> Result<(), Problem> {
        let given = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = essence(given);
        let is_version = operation
            .versions()
            .iter()
            .any(|version| version.media_type() == essence);
        if is_version || operation == Operation::SearchAnalyses && essence == "application/json" {
            return Ok(());
        }
        Err(self.refusal(operation, operation.versions(), "Content-Type", given))
    }

    fn own_choice(&self, operation: Operation, offered: &[ApiVersion]) -> Result<ApiVersion, Problem> {
        let preferred = offered.iter().copied().find(|v| *v == self.default_for_items);
        preferred
            .or(offered.first().copied())
            .ok_or_else(|| self.refusal(operation, offered, "Accept", "*/*"))
    }

    fn refusal(&self, operation: Operation, offered: &[ApiVersion], header: &str, given: &str) -> Problem {
        let known: Vec<_> = offered.iter().map(|version| version.media_type()).collect();
        let detail = format!(
            "{header} {given:?} is not valid: {operation} has no such version; send {}.",
            known.join(" or ")
        );
        let status = if header == "Accept" {
            self.refusal_status
        } else {
            Code::WrongVersion.status()
        };
        Problem::new(Code::WrongVersion, detail)
            .status(status)
            .parameter(header, given)
    }
}

/// Returns the media ranges of Accept without their parameters, in the order of preference. Ranges
/// with `q=0` are left out.
fn accepted_ranges(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges: Vec<(f32, String)> = values
        .flat_map(|value| value.split(','))
        .map(|range| (quality(range), essence(range)))
        .filter(|(quality, range)| *quality > 0.0 && !range.is_empty())
        .collect();
    ranges.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranges.into_iter().map(|(_, range)| range).collect()
}

fn essence(media_type: &str) -> String {
    media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn quality(range: &str) -> f32 {
    let weight = range
        .split(';')
        .skip(1)
        .find_map(|parameter| parameter.trim().strip_prefix("q="));
    weight.and_then(|q| q.trim().parse().ok()).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::family::Family;

    fn policy() -> VersionPolicy {
        VersionPolicy {
            known: vec![ApiVersion::V3, ApiVersion::V4],
            default_for_items: ApiVersion::V4,
            refusal_status: 400,
        }
    }

    fn version_of(operation: Operation, accept: &[&'static str]) -> Result<ApiVersion, String> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, http::HeaderValue::from_static(value));
        }
        policy()
            .response_version(operation, &headers)
            .map_err(|problem| problem.title)
    }

    #[test]
    fn named_versions_are_returned_and_others_refused() {
        use ApiVersion::{V3, V4};
        let (items, batch) = (
            Operation::GetItems(Family::Analysis),
            Operation::GetBatch(Family::Analysis),
        );
        let wrong = Err("ICA_API_004".to_owned());
        let (v3, v4) = ("application/vnd.illumina.v3+json", "application/vnd.illumina.v4+json");
        assert_eq!(version_of(items, &[v3]), Ok(V3));
        assert_eq!(version_of(items, &[v4]), Ok(V4));
        assert_eq!(version_of(items, &["application/problem+json", v3]), Ok(V3));
        assert_eq!(
            version_of(
                items,
                &["application/vnd.illumina.v4+json;q=0.5, application/vnd.illumina.v3+json"]
            ),
            Ok(V3)
        );
        assert_eq!(version_of(items, &["*/*, application/vnd.illumina.v3+json"]), Ok(V3));
        assert_eq!(version_of(items, &[]), Ok(V4));
        assert_eq!(version_of(batch, &["*/*"]), Ok(V3));
        assert_eq!(version_of(batch, &[v4]), wrong);
        assert_eq!(version_of(items, &["application/json"]), wrong);
        assert_eq!(version_of(items, &["application/problem+json"]), wrong);
        assert_eq!(version_of(items, &["application/vnd.illumina.v5+json"]), wrong);
        assert_eq!(version_of(items, &["application/vnd.illumina.v3+json;q=0"]), Ok(V4));

        let samples = Operation::GetItems(Family::Sample);
        assert_eq!(version_of(samples, &["*/*"]), Ok(V3));
        assert_eq!(version_of(samples, &[]), Ok(V3));
        assert_eq!(version_of(samples, &[v3]), Ok(V3));
        assert_eq!(version_of(samples, &[v4]), Err("ICA_API_004".to_owned()));
    }

    #[test]
    fn the_content_type_may_have_a_charset() {
        let check = |given| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, http::HeaderValue::from_static(given))]);
            policy()
                .check_content_type(Operation::CreateBatch(Family::Analysis), &headers)
                .map_err(|problem| problem.title)
        };
        assert_eq!(check("application/vnd.illumina.v3+json"), Ok(()));
        assert_eq!(check("application/vnd.illumina.v3+json; charset=utf-8"), Ok(()));
        assert_eq!(check("application/vnd.illumina.v4+json"), Err("ICA_API_004".to_owned()));
        assert_eq!(check("application/json"), Err("ICA_API_004".to_owned()));
    }
}
