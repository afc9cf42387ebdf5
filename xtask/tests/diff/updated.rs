//! Updates: prose and form are kept, and facts are taken over.

use std::collections::BTreeMap;

use serde_json::Value;
use xtask::Source;
use xtask::diff::{Options, diff};
use xtask::update::update;

use crate::edits::{EDITS, TEXT, edited};
use crate::fixture::{description, uses};

/// Updates a description, and returns the new text, or what is wrong with it.
pub(crate) fn check(base: &str, published: &str) -> Result<String, String> {
    let read = |name: &str, text: &str| Source::parse(name, text).map_err(|error| error.to_string());
    let (ours, theirs) = (read("base", base)?, read("published", published)?);
    let options = xtask::update::Options::default();
    let updated = update(&ours, &theirs, &options).map_err(|error| error.to_string())?;
    let new = read("updated", &updated.text)?;

    let rest = diff(&new, &theirs, Options::default()).changes;
    if let Some(change) = rest.first() {
        return Err(format!("a difference remains: {}", change.text));
    }
    let again = update(&new, &theirs, &options).map_err(|error| error.to_string())?;
    if again.text != updated.text {
        return Err(format!("a second update changes it:\n{}", again.text));
    }
    let drops = drops(base, &updated.text)?;
    if updated.changes.changes.is_empty() && !drops && updated.text != base {
        return Err("the text changed, and no fact did".to_owned());
    }
    kept(base, &updated.text)?;
    Ok(updated.text)
}

/// Returns whether a component is gone, because no operation reaches it any more.
fn drops(base: &str, new: &str) -> Result<bool, String> {
    let names = |text: &str| -> Result<Vec<String>, String> {
        let value: Value = yaml_serde::from_str(text).map_err(|error| error.to_string())?;
        let sections = value["components"].as_object().into_iter().flatten();
        let names = sections.flat_map(|(_, all)| all.as_object().into_iter().flatten());
        Ok(names.map(|(name, _)| name.clone()).collect())
    };
    let new = names(new)?;
    Ok(names(base)?.iter().any(|name| !new.contains(name)))
}

/// Checks that prose is where it was, and that parts without a change are the same to the byte.
fn kept(base: &str, new: &str) -> Result<(), String> {
    let value = |text: &str| yaml_serde::from_str::<Value>(text).map_err(|error| error.to_string());
    let (before, after) = (value(base)?, value(new)?);
    let mut texts = BTreeMap::new();
    prose(&before, "", &mut texts);
    for (pointer, text) in texts {
        let owner = &pointer[..pointer.rfind('/').unwrap_or_default()];
        let is_there = after.pointer(owner).is_some_and(|node| node.get("$ref").is_none());
        let is_list = owner.rsplit('/').next().is_some_and(|key| key.parse::<usize>().is_ok());
        if is_there && !is_list && after.pointer(&pointer) != Some(text) {
            return Err(format!("the prose of {pointer} is not {text}"));
        }
    }
    for (pointer, lines) in blocks(base) {
        let same = before.pointer(&pointer) == after.pointer(&pointer);
        if same && !new.contains(&lines) {
            return Err(format!("{pointer} is written in another way:\n{lines}"));
        }
    }
    Ok(())
}

fn prose<'a>(node: &'a Value, pointer: &str, found: &mut BTreeMap<String, &'a Value>) {
    let entries: Vec<(String, &Value)> = match node {
        Value::Object(all) => all
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(all) => all
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), value))
            .collect(),
        _ => return,
    };
    for (key, value) in entries {
        let pointer = format!("{pointer}/{key}");
        if ["summary", "description", "title"].contains(&key.as_str()) && value.is_string() {
            found.insert(pointer, value);
        } else {
            prose(value, &pointer, found);
        }
    }
}

/// Returns the lines of each path and of each component of a text in block style.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::<(String, String)>::new();
    let (mut section, mut group) = ("", "");
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let key = line.trim().trim_end_matches(':').trim_matches('\'');
        let is_key = line.ends_with(':');
        let depth = if section == "paths" { 2 } else { 4 };
        match indent {
            0 if !line.is_empty() => section = key,
            2 if section == "components" => group = key,
            _ if indent == depth && is_key && (section == "paths" || section == "components") => {
                let group = if section == "paths" {
                    String::new()
                } else {
                    format!("/{group}")
                };
                let key = key.replace('~', "~0").replace('/', "~1");
                found.push((format!("/{section}{group}/{key}"), format!("{line}\n")));
                continue;
            }
            _ if indent > depth && !line.trim_start().starts_with('#') => {
                if let Some((_, lines)) = found
                    .last_mut()
                    .filter(|_| section == "paths" || section == "components")
                {
                    lines.push_str(line);
                    lines.push('\n');
                }
                continue;
            }
            _ => {}
        }
    }
    // A block with comments or empty lines inside is not found again in one piece.
    found.retain(|(_, lines)| text.contains(lines.as_str()));
    found
}

#[test]
fn blocks_are_found() {
    let found = blocks(&TEXT);
    assert!(found.len() > 50, "{}", found.len());
    assert!(found.iter().any(|(pointer, _)| pointer == "/components/schemas/Job"));
}

#[test]
fn every_edit_is_taken_over() {
    let mut failures = Vec::new();
    for edit in EDITS {
        match check(&TEXT, &edited(edit)) {
            Ok(text) if text == *TEXT && edit.rule != "reference-wrapped" => {
                failures.push(format!("{} {}: nothing changed", edit.rule, edit.place));
            }
            Ok(_) => {}
            Err(failure) => failures.push(format!("{} {}: {failure}", edit.rule, edit.place)),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_example_of_a_rule_is_taken_over() {
    let mut failures = Vec::new();
    for rule in xtask::diff::rules() {
        for of in uses(rule) {
            let (before, after) = (description(&rule.before, *of), description(&rule.after, *of));
            let yaml = |json: &str| {
                let value: Value = serde_json::from_str(json).unwrap();
                yaml_serde::to_string(&value).unwrap()
            };
            for base in [yaml(&before), before.clone()] {
                if let Err(failure) = check(&base, &after) {
                    failures.push(format!("{} in {of:?}: {failure}\n{base}", rule.id));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn an_alias_is_refused_where_the_text_would_change() {
    let base = "openapi: 3.0.1\ninfo: {title: T, version: &v '1'}\nx-v: *v\npaths: {}\n";
    assert_eq!(check(base, base).as_deref(), Ok(base));
    let failure = check(base, &base.replace("&v '1'", "&v '2'")).unwrap_err();
    assert!(failure.contains("YAML alias at line 3"), "{failure}");
}

#[test]
fn a_description_without_common_operations_is_refused() {
    let other = "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths: {}\n";
    let failure = check(&TEXT, other).unwrap_err();
    assert!(failure.contains("published has none of its operations"), "{failure}");
}

const TOOL: &str = "
paths:
  /api/tool:
    get:
      operationId: getTool
      responses:
        '200':
          description: Theirs.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Tool'
";

/// The list of work names each new node without prose, by its rule what the change asks for, and the
/// operations that are new.
#[test]
fn work_is_listed() {
    let lines = TEXT.lines().flat_map(|line| match line.trim_start() {
        "- WAITING_RESOURCES" => vec![line.to_owned(), line.replace("WAITING_RESOURCES", "PAUSED")],
        _ => vec![line.to_owned()],
    });
    let published = lines.collect::<Vec<_>>().join("\n");
    let published = published
        .replace("\n  schemas:\n", "\n  schemas:\n    Tool:\n      type: object\n")
        .replace("\npaths:\n", TOOL);
    let read = |name: &str, text: &str| Source::parse(name, text).unwrap();
    let options = xtask::update::Options {
        operations: vec!["getTool".to_owned()],
        ..Default::default()
    };
    let updated = update(&read("ours.yaml", &TEXT), &read("published", &published), &options).unwrap();
    let work = xtask::update::Work::of(&updated);
    // The lines are those of the description of the day.
    let places = work.markdown();
    let places = places
        .split("ours.yaml:")
        .map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
    insta::assert_snapshot!(places.collect::<Vec<_>>().join("ours.yaml"));
    let first = &updated.missing_prose[0];
    assert!(
        updated
            .text
            .lines()
            .nth(first.line - 1)
            .is_some_and(|line| line == "    get:"),
        "{first:?}"
    );
    assert!(!updated.text.contains("Theirs"));
    let none = update(
        &read("ours.yaml", &TEXT),
        &read("ours.yaml", &TEXT),
        &Default::default(),
    )
    .unwrap();
    assert_eq!(xtask::update::Work::of(&none).text(), "");
}

/// A schema with another name moves to its place in the alphabet, with its lines as they are.
#[test]
fn a_renamed_schema_and_a_moved_path_keep_their_lines() {
    let published = TEXT
        .replace("AnalysisCreationBatchItemProcessing", "ZoneOfAnItem")
        .replace("/api/tokens:", "/api/v4/tokens:")
        .replace("        '201':", "        '202':");
    let text = check(&TEXT, &published).unwrap();
    let sorted = |text: &str| {
        let mut lines = text.lines().map(str::to_owned).collect::<Vec<_>>();
        lines.sort();
        lines
    };
    assert!(text.contains("    ZoneOfAnItem:\n      description: "), "{text}");
    assert_eq!(sorted(&text), sorted(&published));
}

/// A description with one operation, whose response is `schema`.
fn small(schema: &str) -> String {
    format!(
        "openapi: 3.0.1
info:
  title: T
  version: '1'
paths:
  /things/{{id}}:
    get:
      summary: Ours.
      operationId: getThing
      parameters:
        - description: Our text about the id.
          name: id
          in: path
          required: true
          schema:
            type: string
      responses:
        '200':
          description: Ours.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Thing'
components:
  schemas:
    Thing:
      description: Ours.
      type: object
{schema}"
    )
}

#[test]
fn a_schema_that_gets_a_name_takes_its_prose_along() {
    let owner = "      properties:
        owner:
          description: Our text about the owner.
          type: object
          properties:
            name:
              description: Our text about the name.
              type: string
";
    let published = "      properties:
        owner:
          $ref: '#/components/schemas/User'
    User:
      type: object
      properties:
        name:
          type: string
        id:
          type: string
";
    let wanted = "      properties:
        owner:
          $ref: '#/components/schemas/User'
    User:
      description: Our text about the owner.
      type: object
      properties:
        name:
          description: Our text about the name.
          type: string
        id:
          type: string
";
    assert_eq!(check(&small(owner), &small(published)), Ok(small(wanted)));
    // And back: a schema that loses its name.
    let back = check(&small(wanted), &small(&owner.replace("Our text", "Their text"))).unwrap();
    assert_eq!(back, small(owner));
}

#[test]
fn a_part_of_the_path_with_another_name_keeps_its_prose() {
    let base = small("");
    let published = base.replace("{id}", "{thingId}").replace("name: id", "name: thingId");
    let theirs = published.replace("Our text about the id", "Theirs");
    assert_eq!(check(&base, &theirs), Ok(published));
}

#[test]
fn sets_keep_their_order_and_new_values_stand_where_they_stand_in_the_published_one() {
    let base = small(
        "      required:\n        - b\n        - a\n      properties:\n        a:\n          description: A.\n          type: string\n          enum:\n            - NEW\n            - DONE # last\n        b:\n          description: B.\n          type: string\n",
    );
    let published = base
        .replace("- b\n        - a\n", "- a\n        - b\n        - c\n")
        .replace(
            "- NEW\n            - DONE # last\n",
            "- DONE\n            - NEW\n            - RUNNING\n",
        )
        .replace(
            "          description: B.\n          type: string\n",
            "          description: B.\n          type: string\n        c:\n          type: string\n",
        );
    let wanted = base
        .replace("- b\n        - a\n", "- b\n        - c\n        - a\n")
        .replace("- NEW\n", "- NEW\n            - RUNNING\n")
        .replace(
            "          description: B.\n          type: string\n",
            "          description: B.\n          type: string\n        c:\n          type: string\n",
        );
    assert_eq!(check(&base, &published), Ok(wanted));
}

/// A flag that is false says the same as an absent one, also beside limits.
#[test]
fn a_flag_that_is_false_is_no_change() {
    let number = |flags: &str| {
        small(&format!(
            "      properties:\n        size:\n          description: Ours.\n          type: integer\n{flags}"
        ))
    };
    let flags = "          exclusiveMinimum: false\n          exclusiveMaximum: false\n          nullable: false\n";
    assert_eq!(check(&number(""), &number(flags)), Ok(number("")));
    assert_eq!(check(&number(flags), &number("")), Ok(number(flags)));
    assert_eq!(
        check(&small(""), &number(flags)),
        Ok(number("").replace(
            "          description: Ours.\n          type: integer",
            "          type: integer"
        ))
    );
}

/// Names of a description do nothing in the text of a pull request.
#[test]
fn names_are_harmless_in_markdown() {
    let odd = "a\\n\\n# T @octocat `x` <img src=y> fixes #12 [l](http://e) |\\u001b[31m";
    let property =
        format!("      properties:\n        \"{odd}\":\n          description: Ours.\n          type: string\n");
    let (base, published) = (small(&property), small(&property.replace("string", "boolean")));
    let read = |name: &str, text: &str| Source::parse(name, text).unwrap();
    let (ours, theirs) = (read("ours", &base), read("theirs", &published));
    let changes = diff(&ours, &theirs, Options::default());
    let work = xtask::update::Work::of(&update(&ours, &theirs, &Default::default()).unwrap());
    for text in [xtask::diff::markdown(&changes), work.markdown()] {
        assert!(text.contains("octocat"), "{text}");
        for bad in ["@octocat", "#12", "<img", "[l](", "http://", "\n# T", "\u{1b}"] {
            assert!(!text.contains(bad), "{bad:?} is in {text}");
        }
    }
    let text = xtask::diff::text(&changes) + &work.text();
    assert!(!text.contains("\n# T") && !text.contains('\u{1b}'), "{text}");
}
