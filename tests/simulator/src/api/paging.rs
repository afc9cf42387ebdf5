//! Paging: the parameters of a list, and page tokens.
//!
//! Facts of the public API description: with a cursor (`pageSize` and `pageToken`; the first
//! request has neither token nor offset), a list is complete and without duplicates, and
//! `remainingRecords` is approximate. With an offset (`pageOffset` and `pageSize`), at most 200 000
//! rows can be reached, rows may repeat or be missed, and the response has `totalItemCount`.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::problem::{Code, Problem};

/// Number of rows that offsets can reach.
const MOST_ROWS: u64 = 200_000;

/// A filter by status. Each bit is an index in the statuses of a family; no bit means all statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter(u8);

impl Filter {
    fn add(&mut self, status: usize) {
        self.0 |= 1 << status;
    }

    pub(crate) fn matches_all(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn matches(self, status: usize) -> bool {
        self.matches_all() || self.0 & (1 << status) != 0
    }
}

/// The start of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    Cursor(Cursor),
    Offset(usize),
}

/// The start of a page that a page token names: `at` counts items of the batch, `ordinal` the
/// earlier pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) at: usize,
    pub(crate) ordinal: u32,
}

/// The parameters of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageRequest {
    pub(crate) filter: Filter,
    pub(crate) position: Position,
    pub(crate) size: usize,
}

/// Settings of page sizes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageSizes {
    pub(crate) default: usize,
    pub(crate) max: Option<usize>,
}

/// The secret that seals the page tokens of one simulator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens {
    pub(crate) secret: u64,
}

impl Tokens {
    pub(crate) fn make(self, batch: Uuid, filter: Filter, cursor: Cursor) -> String {
        let mut bytes = Vec::with_capacity(36);
        bytes.push(filter.0);
        bytes.extend_from_slice(&(cursor.at as u64).to_be_bytes());
        bytes.extend_from_slice(&cursor.ordinal.to_be_bytes());
        bytes.extend_from_slice(&self.seal(batch, &bytes).to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn read(self, batch: Uuid, filter: Filter, token: &str) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (content, seal) = bytes.split_at_checked(13)?;
        let genuine = seal == self.seal(batch, content).to_be_bytes() && content[0] == filter.0;
        let at = u64::from_be_bytes(content[1..9].try_into().ok()?);
        let ordinal = u32::from_be_bytes(content[9..13].try_into().ok()?);
        genuine.then_some(Cursor {
            at: usize::try_from(at).ok()?,
            ordinal,
        })
    }

    fn seal(self, batch: Uuid, content: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.secret, batch, content).hash(&mut hasher);
        hasher.finish()
    }
}

/// Returns the number of the requested page, counted from 1, as far as the query alone shows it.
pub(crate) fn page_number(query: &[(String, String)], sizes: PageSizes) -> u64 {
    let value = |name| {
        query
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    };
    if let Some(token) = value("pageToken") {
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        let ordinal = bytes
            .get(9..13)
            .and_then(|part| part.try_into().ok())
            .map_or(0, u32::from_be_bytes);
        return u64::from(ordinal) + 1;
    }
    let offset: u64 = value("pageOffset").and_then(|text| text.parse().ok()).unwrap_or(0);
    let size: u64 = value("pageSize")
        .and_then(|text| text.parse().ok())
        .unwrap_or(sizes.default as u64);
    offset / size.max(1) + 1
}

/// Parses the query of a list whose items have these statuses.
pub(crate) fn parse(
    query: &[(String, String)],
    statuses: &[&str],
    batch: Uuid,
    sizes: PageSizes,
    tokens: Tokens,
) -> Result<PageRequest, Problem> {
    let filter = filter(query, statuses)?;
    let size = match single(query, "pageSize")? {
        Some(text) => number("pageSize", text, 1)?,
        None => sizes.default as u64,
    };
    if let Some(max) = sizes.max.filter(|max| size > *max as u64) {
        return Err(invalid(
            "pageSize",
            &size.to_string(),
            &format!("the largest page size is {max}"),
        ));
    }
    let position = match (single(query, "pageToken")?, single(query, "pageOffset")?) {
        (Some(_), Some(offset)) => {
            return Err(invalid(
                "pageOffset",
                offset,
                "send either a page token or an offset, not both",
            ));
        }
        (Some(token), None) => Position::Cursor(tokens.read(batch, filter, token).ok_or_else(|| {
            invalid(
                "pageToken",
                token,
                "it belongs to another list; begin without a page token",
            )
        })?),
        (None, Some(text)) => Position::Offset(reachable(text, size)?),
        (None, None) => Position::Cursor(Cursor::default()),
    };
    Ok(PageRequest {
        filter,
        position,
        size: usize::try_from(size).unwrap_or(usize::MAX),
    })
}

fn reachable(text: &str, size: u64) -> Result<usize, Problem> {
    let offset = number("pageOffset", text, 0)?;
    if offset.saturating_add(size) > MOST_ROWS {
        let reason = format!("an offset reaches at most {MOST_ROWS} rows; use page tokens");
        return Err(invalid("pageOffset", text, &reason));
    }
    Ok(offset as usize)
}

fn filter(query: &[(String, String)], statuses: &[&str]) -> Result<Filter, Problem> {
    let mut filter = Filter::default();
    for (_, value) in query.iter().filter(|(name, _)| name == "status") {
        let status = statuses
            .iter()
            .position(|status| *status == value.as_str())
            .ok_or_else(|| {
                let detail = format!(
                    "Status {value:?} is not valid: items have no such status; use one of {}.",
                    statuses.join(", ")
                );
                Problem::new(Code::InvalidRequest, detail).parameter("status", value)
            })?;
        filter.add(status);
    }
    Ok(filter)
}

fn single<'a>(query: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, Problem> {
    let mut values = query
        .iter()
        .filter(|(given, _)| given == name)
        .map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (Some(_), Some(second)) => Err(invalid(name, second, "send it once")),
        (first, _) => Ok(first),
    }
}

fn number(name: &str, text: &str, least: u64) -> Result<u64, Problem> {
    match text.parse() {
        Ok(number) if number >= least => Ok(number),
        _ => Err(invalid(name, text, &format!("it is not a number of at least {least}"))),
    }
}

fn invalid(name: &str, value: &str, reason: &str) -> Problem {
    Problem::new(Code::InvalidPaging, format!("{name} {value:?} is not valid: {reason}.")).parameter(name, value)
}

/// Returns the number for `remainingRecords`: exact on every third page, too large or too small on
/// the others.
pub(crate) fn approximate(remaining: usize, ordinal: u32) -> usize {
    match ordinal % 3 {
        0 => remaining + 3,
        1 => remaining.saturating_sub(5),
        _ => remaining,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: Tokens = Tokens { secret: 9 };
    const SIZES: PageSizes = PageSizes {
        default: 20,
        max: Some(500),
    };

    fn ask(pairs: &[(&str, &str)]) -> Result<PageRequest, String> {
        let query: Vec<_> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        parse(&query, &["RUNNING", "FAILED"], Uuid::nil(), SIZES, TOKENS).map_err(|problem| problem.detail)
    }

    #[test]
    fn a_token_works_for_its_list_only() {
        let cursor = Cursor { at: 40, ordinal: 2 };
        let token = TOKENS.make(Uuid::nil(), Filter::default(), cursor);
        assert_eq!(
            ask(&[("pageToken", &token)]).unwrap().position,
            Position::Cursor(cursor)
        );
        assert!(ask(&[("pageToken", &token), ("status", "FAILED")]).is_err());
        assert!(ask(&[("pageToken", &TOKENS.make(Uuid::max(), Filter::default(), cursor))]).is_err());
        for invalid in ["", "x", "%%%", &token[1..]] {
            assert!(ask(&[("pageToken", invalid)]).is_err(), "{invalid}");
        }
        assert!(ask(&[("pageToken", &token), ("pageOffset", "0")]).is_err());
    }

    #[test]
    fn sizes_and_offsets_are_checked() {
        assert_eq!(ask(&[]).unwrap().size, 20);
        assert_eq!(ask(&[("pageSize", "500")]).unwrap().size, 500);
        for invalid in ["0", "-1", "ten", "", "501"] {
            assert!(ask(&[("pageSize", invalid)]).is_err(), "{invalid}");
        }
        assert!(ask(&[("pageSize", "1"), ("pageSize", "2")]).is_err());
        assert_eq!(
            ask(&[("pageOffset", "199980")]).unwrap().position,
            Position::Offset(199_980)
        );
        assert!(ask(&[("pageOffset", "199981")]).is_err());
        assert!(ask(&[("status", "DONE")]).is_err());
    }
}
