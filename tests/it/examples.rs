//! Public types and constructors have examples that run.
//!
//! An example is a fenced block of Rust in the docs of the item, neither `ignore` nor `text`.
//! `compile_fail` shows what is not possible, so it does not count. `no_run` counts only for
//! functions that read the environment or the home folder. A constructor may also be shown by the
//! example of its type.

use std::collections::BTreeSet;
use std::fmt::Write;

use syn::{ImplItem, Item, ReturnType, Visibility};

use crate::setup::workspace;
use crate::source::{Crate, Target, attribute_values, attributes, expand, exports, name_of, read_files};

/// Crates with public docs: the name of the library, the folder of its sources, and files that are
/// not counted because they are generated.
const CRATES: [(&str, &str, &[&str]); 3] = [
    ("ica_batch_sdk_ext", "ica-batch-sdk-ext/src", &[]),
    ("ica_batch_sdk", "ica-batch-sdk/src", &["generated.rs"]),
    ("ica_simulator", "tests/simulator/src", &[]),
];

/// Share of the public types that must have an example, in percent.
const NEEDED: usize = 90;

/// Beginnings of the names of functions that read the environment or the home folder.
const NEEDS_ENVIRONMENT: [&str; 3] = ["from_env", "from_icav2_session", "load"];

#[test]
fn nine_of_ten_public_types_have_an_example() {
    let mut failures = String::new();
    for (name, root, generated) in CRATES {
        let count = Count::of(name, root, generated);
        if !count.types.is_enough() || !count.constructors.is_enough() {
            writeln!(failures, "{root}: {}", count.types.text("public types")).unwrap();
            writeln!(failures, "{root}: {}", count.constructors.text("constructors")).unwrap();
        }
    }
    assert!(
        failures.is_empty(),
        "at least {NEEDED} % need an example that runs\n{failures}"
    );
}

/// Prints the counts:
/// `cargo test -p ica-batch-tests --test it examples_as_text -- --ignored --nocapture`.
#[test]
#[ignore = "prints, and checks nothing"]
#[expect(clippy::print_stderr, reason = "printing is its purpose")]
fn examples_as_text() {
    for (name, root, generated) in CRATES {
        let count = Count::of(name, root, generated);
        eprintln!("{root}: {}", count.types.text("public types"));
        eprintln!("{root}: {}", count.constructors.text("constructors"));
    }
}

/// Counts of one crate.
#[derive(Default)]
struct Count {
    types: Tally,
    constructors: Tally,
}

#[derive(Default)]
struct Tally {
    total: usize,
    without: BTreeSet<String>,
}

impl Tally {
    fn add(&mut self, name: String, has_example: bool) {
        self.total += 1;
        if !has_example {
            self.without.insert(name);
        }
    }

    fn is_enough(&self) -> bool {
        (self.total - self.without.len()) * 100 >= self.total * NEEDED
    }

    fn text(&self, what: &str) -> String {
        let with = self.total - self.without.len();
        let without = self.without.iter().cloned().collect::<Vec<_>>().join(", ");
        match without.is_empty() {
            true => format!("{with} of {} {what} have an example", self.total),
            false => format!("{with} of {} {what} have an example; without: {without}", self.total),
        }
    }
}

impl Count {
    fn of(name: &str, root: &str, generated: &[&str]) -> Self {
        let mut files = read_files(&workspace().join(root));
        for file in generated {
            files.insert((*file).to_owned(), String::new());
        }
        let mut sources = Crate::parse(name, &files);
        expand(&mut sources);
        let mut count = Self::default();
        for export in exports(&sources) {
            let Target::Here {
                module,
                item: Some(item),
            } = export.target
            else {
                continue;
            };
            let items = &sources.modules[module].items;
            let found = items
                .iter()
                .find(|other| name_of(other).is_some_and(|ident| *ident == item));
            if let Some(found @ (Item::Struct(_) | Item::Enum(_) | Item::Trait(_) | Item::Type(_))) = found {
                let docs = attribute_values(attributes(found), "doc");
                let blocks = blocks(&docs);
                count.types.add(export.path.clone(), blocks.iter().any(Block::runs));
                count.constructors_of(&sources, module, &item, &export.path, &blocks);
            }
        }
        count
    }

    fn constructors_of(&mut self, sources: &Crate, module: usize, name: &str, path: &str, blocks: &[Block]) {
        let this = Target::Here {
            module,
            item: Some(name.to_owned()),
        };
        for (index, module) in sources.modules.iter().enumerate() {
            let blocks_of_type = module.items.iter().filter_map(|item| match item {
                Item::Impl(block) if block.trait_.is_none() => match block.self_ty.as_ref() {
                    syn::Type::Path(ty) => (sources.resolve(index, &segments(&ty.path)) == this).then_some(block),
                    _ => None,
                },
                _ => None,
            });
            for item in blocks_of_type.flat_map(|block| &block.items) {
                let ImplItem::Fn(function) = item else { continue };
                let is_public = matches!(function.vis, Visibility::Public(_));
                if !is_public || function.sig.receiver().is_some() || !makes(&function.sig.output, name) {
                    continue;
                }
                let ident = function.sig.ident.to_string();
                let needs_environment = NEEDS_ENVIRONMENT.iter().any(|start| ident.starts_with(start));
                let own = self::blocks(&attribute_values(&function.attrs, "doc"));
                let has_own = own
                    .iter()
                    .any(|block| block.runs() || (needs_environment && block.compiles()));
                let is_shown = blocks.iter().any(|block| block.runs() && block.calls(name, &ident));
                self.constructors.add(format!("{path}::{ident}"), has_own || is_shown);
            }
        }
    }
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// Returns whether a function returns a new value of the type, or its builder.
fn makes(output: &ReturnType, name: &str) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    is_made(ty, name)
}

fn is_made(ty: &syn::Type, name: &str) -> bool {
    let syn::Type::Path(ty) = ty else { return false };
    let Some(last) = ty.path.segments.last() else {
        return false;
    };
    let ident = last.ident.to_string();
    match &last.arguments {
        syn::PathArguments::AngleBracketed(arguments) if ident == "Result" => match arguments.args.first() {
            Some(syn::GenericArgument::Type(ty)) => is_made(ty, name),
            _ => false,
        },
        _ => ident == "Self" || ident == name || ident == format!("{name}Builder"),
    }
}

/// A fenced block in docs.
struct Block {
    /// Words after the fence, such as `no_run`.
    words: Vec<String>,
    code: String,
}

impl Block {
    /// Returns whether the block is Rust that compiles.
    fn compiles(&self) -> bool {
        let is_rust =
            |word: &String| matches!(word.as_str(), "rust" | "no_run" | "should_panic") || word.starts_with("edition");
        self.words.iter().all(is_rust)
    }

    /// Returns whether the code calls `name::function(`, also with type arguments:
    /// `name::<T>::function(`.
    fn calls(&self, name: &str, function: &str) -> bool {
        let after_name = self.code.split(name).skip(1);
        let end = format!("::{function}(");
        after_name.into_iter().any(|rest| {
            rest.starts_with(&end)
                || rest
                    .strip_prefix("::<")
                    .is_some_and(|rest| rest.split_once('>').is_some_and(|(_, rest)| rest.starts_with(&end)))
        })
    }

    /// Returns whether the block is Rust that runs as a test.
    fn runs(&self) -> bool {
        self.compiles() && !self.words.iter().any(|word| word == "no_run")
    }
}

fn blocks(docs: &[String]) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in docs
        .iter()
        .flat_map(|doc| doc.lines().chain(doc.is_empty().then_some("")))
    {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                let words = info.split([',', ' ']).map(str::trim).filter(|word| !word.is_empty());
                open = Some(Block {
                    words: words.map(str::to_owned).collect(),
                    code: String::new(),
                });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => {
                block.code.push_str(line);
                block.code.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

#[test]
fn only_rust_that_runs_counts_as_an_example() {
    let runs = |docs: &str| {
        blocks(&docs.lines().map(str::to_owned).collect::<Vec<_>>())
            .iter()
            .any(Block::runs)
    };
    assert!(runs("Prose.\n\n ```\n assert!(true);\n ```"));
    assert!(runs("```rust,should_panic\npanic!();\n```"));
    assert!(runs("```text\n1\n```\n```\nassert!(true);\n```"));
    assert!(!runs("Prose with `code`."));
    for words in ["ignore", "text", "no_run", "compile_fail,E0308", "sql", "rust,ignore"] {
        assert!(!runs(&format!("```{words}\n1\n```")), "{words}");
    }
}
