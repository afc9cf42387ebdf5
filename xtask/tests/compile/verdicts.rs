//! The verdicts of the rules on Rust, held against the compiler.
//!
//! For the example of each rule both clients are generated. Code that uses the whole old client is
//! compiled against the new one. All clients are modules of one crate, and the errors tell the rules
//! apart.

use xtask::diff::{Rule, Verdict, rules};

use crate::clients::Clients;
use crate::fixture::{Use, compare, description, is_schema, uses};

/// Rules that count as breaking although the old code compiles: it means something else, which no
/// compiler sees. The list has the uses for which it is so.
const OTHER_MEANING: [(&str, &[Use], &str); 8] = [
    (
        "parameter-renamed",
        ALL,
        "the method takes its parameters in the order of their names, which may change",
    ),
    (
        "parameter-moved",
        ALL,
        "the method takes parameters of the query before those of the header",
    ),
    (
        "null-allowed-for-optional-list",
        &[Use::Requests],
        "an empty list was left out of the request, and is sent now",
    ),
    (
        "null-forbidden-for-optional-list",
        &[Use::Requests],
        "an empty list was sent, and is left out of the request now",
    ),
    (
        "unique-items-gained",
        &[Use::Requests],
        "an empty list was left out of the request, and is sent now",
    ),
    (
        "unique-items-lost",
        &[Use::Requests],
        "an empty list was sent, and is left out of the request now",
    ),
    (
        "default-changed",
        &[Use::Requests, Use::Both],
        "a request without the value sends another default",
    ),
    ("unclassified", ALL, "the change may mean anything"),
];

const ALL: &[Use] = &[Use::Requests, Use::Responses, Use::Both];

/// Example of a rule, with the verdict and both clients.
struct Case {
    rule: &'static str,
    of: Use,
    said: Verdict,
    old: String,
    /// New client, or the error of the generator.
    new: Result<String, String>,
}

/// Returns a case for each rule, or for each rule and each kind of messages that it holds for.
fn cases(all_messages: bool) -> Vec<Case> {
    let mut wanted = Vec::new();
    for rule in rules() {
        let uses = uses(rule);
        let count = if all_messages && is_schema(&rule.before) {
            uses.len()
        } else {
            1
        };
        wanted.extend(uses[..count].iter().map(|of| (rule, *of)));
    }
    // A debug build of the generator takes 15 ms for each client.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let parts = wanted.chunks(wanted.len().div_ceil(threads));
        let parts: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().filter_map(|(rule, of)| case(rule, *of)).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

/// Returns the case of a rule, unless no client exists before the change, so that no code uses it.
fn case(rule: &'static Rule, of: Use) -> Option<Case> {
    let generate = |example: &str| {
        let generated = xtask::generate(&description(example, of));
        generated
            .map(|generated| generated.source)
            .map_err(|error| error.to_string())
    };
    let old = match generate(&rule.before) {
        Ok(old) => old,
        Err(_) if rule.id == "body-schema-added" => return None,
        Err(error) => panic!("{} in {of:?}: {error}", rule.id),
    };
    Some(Case {
        rule: &rule.id,
        of,
        said: compare(rule, of).changes[0].rust,
        old,
        new: generate(&rule.after),
    })
}

#[test]
fn verdicts_on_rust_agree_with_the_compiler() {
    check("verdicts", &cases(false));
}

/// `cargo test -p ica-batch-xtask --test compile -- --ignored` runs it, in about a minute.
#[test]
#[ignore = "it takes long; .ci/run runs it"]
fn verdicts_agree_for_all_kinds_of_messages() {
    check("verdicts-all", &cases(true));
}

fn check(crate_name: &str, cases: &[Case]) {
    let mut clients = Clients::default();
    let mut names = Vec::new();
    for case in cases {
        let on_itself = clients.add(&case.old, &case.old);
        names.push((on_itself, case.new.as_ref().map(|new| clients.add(&case.old, new))));
    }
    let errors = clients.errors(crate_name);
    let client = errors.iter().find(|(module, _)| module.starts_with("client_"));
    assert!(client.is_none(), "a client does not compile: {client:#?}");
    let of = |name: &String| errors.get(name).cloned().unwrap_or_default();
    let mut failures = Vec::new();
    for (case, (on_itself, on_new)) in cases.iter().zip(&names) {
        let (rule, of_messages, said) = (case.rule, case.of, case.said);
        let own = of(on_itself);
        assert!(
            own.is_empty(),
            "the code for {rule} in {of_messages:?} is wrong: {own:#?}"
        );
        let errors = match on_new {
            Ok(name) => of(name),
            Err(error) => vec![format!("the generator refuses it: {error}")],
        };
        let has_other_meaning = OTHER_MEANING
            .iter()
            .any(|(other, uses, _)| *other == rule && uses.contains(&of_messages));
        let is_breaking = !errors.is_empty() || has_other_meaning;
        let is_listed_in_vain = has_other_meaning && !errors.is_empty();
        if is_breaking != (said == Verdict::Breaking) || is_listed_in_vain {
            failures.push(format!(
                "{rule} in {of_messages:?}: says {said}, and the compiler {errors:#?}"
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}
