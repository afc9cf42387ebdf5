//! Many generated clients in one crate, so that one run of the compiler checks all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::{caller, cargo};

/// Crate with many clients, each in a module, and code for old clients that uses others.
#[derive(Default)]
pub(crate) struct Clients {
    /// Numbers of the sources: many examples have the same client.
    numbers: BTreeMap<String, usize>,
    /// Files with code for one client that uses another one.
    code: BTreeMap<String, String>,
}

impl Clients {
    pub(crate) fn number(&mut self, source: &str) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(source.to_owned()).or_insert(next)
    }

    /// Adds the code for one client that uses another one, and returns the name of its module.
    pub(crate) fn add(&mut self, old: &str, new: &str) -> String {
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

    /// Returns the name of the module of a client.
    pub(crate) fn module(&mut self, source: &str) -> String {
        format!("client_{}", self.number(source))
    }

    /// Returns the errors of the compiler by the name of the module.
    ///
    /// A run may stop before it finds all errors. So the code with errors is removed, until the rest
    /// compiles.
    pub(crate) fn errors(&self, crate_name: &str) -> BTreeMap<String, Vec<String>> {
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
                let name = name.filter(|name| *name != "lib");
                let name = name.unwrap_or_else(|| panic!("the crate does not compile: {line}"));
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
