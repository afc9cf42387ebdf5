//! Which one of several named things a text means, and what a wrong text may have meant.

use uuid::Uuid;

use crate::error::{Error, ErrorKind, NAME, Result, Scrubber, counted};

/// Number of things that an error names.
const NAMED: usize = 5;

/// Number of similar names that an error has.
const SIMILAR: usize = 3;

/// Least similarity of names, from 0 to 1. A transposed or a missing letter is above it, and another
/// word below.
const LEAST: f64 = 0.8;

/// Beginning of a URN.
const URN: &str = "urn:";

/// A thing with an id and a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) id: Uuid,
    pub(super) name: &'a str,
    pub(super) urn: Option<&'a str>,
}

/// Words of errors about a kind of things.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) one: &'static str,
    /// The texts that name a thing.
    pub(super) names: &'static str,
}

/// Returns the part of a URN that identifies something: what follows `#` is a hint for people.
fn without_hint(urn: &str) -> &str {
    urn.split_once('#').map_or(urn, |(urn, _)| urn)
}

/// Returns whether the text is the id of a thing, or its URN, with the id in any spelling.
fn is_id(text: &str, named: &Named<'_>) -> bool {
    let has_prefix = text
        .get(..URN.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(URN));
    if has_prefix {
        let urn = named.urn.map(without_hint);
        return urn.is_some_and(|urn| urn.eq_ignore_ascii_case(without_hint(text)));
    }
    Uuid::parse_str(text) == Ok(named.id)
}

impl Kind {
    /// Returns an error for a text that names nothing.
    pub(super) fn check(self, text: &str) -> Result<()> {
        match text.trim().is_empty() {
            true => Err(Error::invalid_input(format!(
                "the text is empty; write a {}",
                self.names
            ))),
            false => Ok(()),
        }
    }

    /// Returns the index of the one thing that the text means.
    pub(super) fn find(self, text: &str, named: &[Named<'_>], scrubber: &Scrubber) -> Result<usize> {
        if let Some(index) = named.iter().position(|named| is_id(text, named)) {
            return Ok(index);
        }
        let mut equal = named
            .iter()
            .enumerate()
            .filter(|(_, named)| named.name == text)
            .collect::<Vec<_>>();
        // A list may have the same thing twice, by its project and by a bundle.
        equal.dedup_by_key(|(_, named)| named.id);
        match equal.as_slice() {
            [(index, _)] => Ok(*index),
            [] => Err(self.missing(text, named, scrubber)),
            [first, others @ ..] if others.iter().all(|(_, other)| other.id == first.1.id) => Ok(first.0),
            several => {
                let ids = several.iter().take(NAMED).map(|(_, named)| named.id.to_string());
                let more = if several.len() > NAMED { ", …" } else { "" };
                Err(Error::invalid_input(format!(
                    "{} {}s have this name: {}{more}; write the id of one of them",
                    several.len(),
                    self.one,
                    ids.collect::<Vec<_>>().join(", ")
                )))
            }
        }
    }

    fn missing(self, text: &str, named: &[Named<'_>], scrubber: &Scrubber) -> Error {
        let similar = similar(text, named);
        let meant = similar
            .iter()
            .map(|named| format!("{:?} ({})", scrubber.text(named.name, NAME), named.id));
        let meant = meant.collect::<Vec<_>>().join(" or ");
        let what = match (named.is_empty(), meant.is_empty()) {
            (true, _) => format!("the project has no {}", self.one),
            (false, true) => format!(
                "the project has {}, and none with this {}",
                counted(named.len() as u64, self.one),
                self.names
            ),
            (false, false) => format!("no {} has this {}; did you mean {meant}?", self.one, self.names),
        };
        let error = Error::new(ErrorKind::NotFound, what);
        match meant.is_empty() {
            true => error.with_advice("check the text, and that the user of the credential may see it"),
            false if similar.len() == 1 => error.with_advice("write its name or its id"),
            false => error.with_advice("write one of them"),
        }
    }
}

/// Returns the things with similar names, the most similar first.
fn similar<'a, 'b>(text: &str, named: &'a [Named<'b>]) -> Vec<&'a Named<'b>> {
    // No name is longer, and comparing takes time.
    if text.chars().count() > 2 * NAME {
        return Vec::new();
    }
    let text = text.to_lowercase();
    let score = |named: &&Named<'_>| {
        let name = named.name.chars().take(2 * NAME).collect::<String>().to_lowercase();
        strsim::jaro_winkler(&text, &name)
    };
    let mut scored = named.iter().map(|named| (score(&named), named)).collect::<Vec<_>>();
    scored.retain(|(score, _)| *score >= LEAST);
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut similar = scored.into_iter().map(|(_, named)| named).collect::<Vec<_>>();
    similar.dedup_by_key(|named| named.id);
    similar.truncate(SIMILAR);
    similar
}

#[cfg(test)]
mod tests {
    use super::{Kind, Named, Scrubber, Uuid};

    const KIND: Kind = Kind {
        one: "pipeline",
        names: "code, id or URN",
    };

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn named(names: &[&'static str]) -> Vec<Named<'static>> {
        let named = names.iter().enumerate().map(|(index, name)| Named {
            id: id(index as u128 + 1),
            name,
            urn: None,
        });
        named.collect()
    }

    fn find(text: &str, named: &[Named<'_>]) -> Result<usize, String> {
        KIND.find(text, named, &Scrubber::without_secrets())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_id_and_a_urn_are_found_in_each_spelling() {
        let mut two = named(&["a", "b"]);
        let urn = format!("urn:ilmn:ica:pipeline:{}#b_1", id(2));
        two[1].urn = Some(&urn);
        let spelled = id(2).to_string();
        for text in [
            spelled.clone(),
            spelled.to_uppercase(),
            urn.clone(),
            format!("urn:ilmn:ica:pipeline:{spelled}"),
            format!("URN:ilmn:ica:pipeline:{spelled}#another_hint"),
            "b".to_owned(),
        ] {
            assert_eq!(find(&text, &two), Ok(1), "{text}");
        }
        assert!(find(&format!("urn:ilmn:ica:project:{spelled}"), &two).is_err());
        assert!(find(&id(3).to_string(), &two).is_err());
    }

    #[test]
    fn a_name_is_compared_as_a_whole_and_must_be_unique() {
        let names = named(&["Germline", "Germline 2", "Twin", "Twin"]);
        assert_eq!(find("Germline", &names), Ok(0));
        let error = find("Twin", &names).unwrap_err();
        let ids = format!("2 pipelines have this name: {}, {}; write the id", id(3), id(4));
        assert!(error.starts_with(&ids), "{error}");
        // The same pipeline twice.
        let mut twice = named(&["Twin", "other", "Twin"]);
        twice[2].id = id(1);
        assert_eq!(find("Twin", &twice), Ok(0));
    }

    #[test]
    fn a_wrong_name_leads_to_similar_ones() {
        let names = named(&["Germline 4-3-6", "Somatic", "RNA"]);
        for text in ["germline 4-3-6", "Germlien 4-3-6", "Germline"] {
            let error = find(text, &names).unwrap_err();
            let meant = format!(
                "no pipeline has this code, id or URN; did you mean \"Germline 4-3-6\" ({})?; write its name or its id",
                id(1)
            );
            assert_eq!(error, meant);
        }
        let error = find("Methylation", &names).unwrap_err();
        assert!(
            error.starts_with("the project has 3 pipelines, and none with this code, id or URN; check"),
            "{error}"
        );
        assert!(
            find(&"x".repeat(100_000), &names)
                .unwrap_err()
                .starts_with("the project has 3 pipelines, and none")
        );
        assert!(
            find("a", &[])
                .unwrap_err()
                .starts_with("the project has no pipeline; check")
        );
        assert!(KIND.check(" ").is_err() && KIND.check("a").is_ok());
    }
}
