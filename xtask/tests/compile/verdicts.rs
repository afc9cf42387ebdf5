//! The verdicts of the rules on Rust, held against the compiler.
//!
//! For the example of each rule both clients are generated. Code that uses the whole old client is
//! compiled against the new one. All clients are modules of one crate, and the errors tell the rules
//! apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use xtask::diff::{Rule, Verdict, rules};

use crate::fixture::{Use, compare, description, is_schema, uses};
use crate::{caller, cargo};

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

/// Crate with many clients, each in a module, and code for old clients that uses others.
#[derive(Default)]
struct Clients {
    /// Numbers of the sources: many examples have the same client.
    numbers: BTreeMap<String, usize>,
    /// Files with code for one client that uses another one.
    code: BTreeMap<String, String>,
}

impl Clients {
    fn number(&mut self, source: &str) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(source.to_owned()).or_insert(next)
    }

    /// Adds the code for one client that uses another one, and returns the name of its module.
    fn add(&mut self, old: &str, new: &str) -> String {
        let (of, on) = (self.number(old), self.number(new));
        let name = format!("code_{of}_on_{on}");
        let code = || {
            format!(
                "use crate::client_{on}::*;\nuse crate::client_{on}::types::*;\n{}",
                caller::of(old)
            )
        };
        self.code.entry(name.clone()).or_insert_with(code);
        name
    }

    fn files(&self, crate_name: &str) -> BTreeMap<String, String> {
        let empty = "openapi: 3.0.1\ninfo: {title: Empty, version: '1'}\npaths: {}\n";
        let mut files = xtask::generate(empty).unwrap().package(crate_name).unwrap();
        let mut modules = String::new();
        for (source, number) in &self.numbers {
            let _ = writeln!(modules, "#[allow(warnings)]\nmod client_{number};");
            let source = source.replace("crate::types::", &format!("crate::client_{number}::types::"));
            let text = format!(
                "{source}\nimpl Client {{ pub fn context(&self) -> &crate::CallContext {{ self.inner() }} }}\n\
                 impl ClientHooks<crate::CallContext> for Client {{}}\n"
            );
            files.insert(format!("src/client_{number}.rs"), text);
        }
        for (name, code) in &self.code {
            let _ = writeln!(modules, "#[allow(warnings)]\nmod {name};");
            files.insert(format!("src/{name}.rs"), code.clone());
        }
        files.entry("src/lib.rs".to_owned()).or_default().push_str(&modules);
        files
    }

    /// Returns the errors of the compiler by the name of the module.
    ///
    /// A run may stop before it finds all errors. So the code with errors is removed, until the rest
    /// compiles.
    fn errors(&self, crate_name: &str) -> BTreeMap<String, Vec<String>> {
        let mut files = self.files(crate_name);
        let mut found = BTreeMap::<String, Vec<String>>::new();
        loop {
            let folder = cargo::write(crate_name, &files);
            let output = cargo::run(&folder, &["check", "--quiet", "--message-format=short"]);
            if output.is_success {
                return found;
            }
            let mut failed = BTreeSet::new();
            for line in output.stderr.lines().filter(|line| line.contains(": error")) {
                let place = line.split(':').next().unwrap_or_default();
                let name = place.strip_prefix("src/").and_then(|rest| rest.strip_suffix(".rs"));
                let name = name.filter(|name| self.code.contains_key(*name));
                let name = name.unwrap_or_else(|| panic!("a client does not compile: {line}"));
                let message = line.split_once(": error").map_or(line, |(_, message)| message);
                found.entry(name.to_owned()).or_default().push(message.to_owned());
                failed.insert(place.to_owned());
            }
            assert!(!failed.is_empty(), "cargo failed: {}", output.stderr);
            for place in failed {
                files.insert(place, String::new());
            }
        }
    }
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
