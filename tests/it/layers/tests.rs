//! The checks find what they are for: made-up crates with one fault each.

use super::table::{self, Table};
use super::{misplaced, problems};
use crate::source::{Crate, Files};

const ROOT: &str = "toy/src";

fn files(texts: &[(&str, &str)]) -> Files {
    let texts = texts
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    texts.collect()
}

/// Returns the table of the made-up crate: a row is a name, units, and what it may use.
fn toy(rows: &[(&str, &str, &str)], circles: &str) -> Table {
    let rows = rows
        .iter()
        .map(|(name, units, may_use)| format!("| {name} | {units} | {may_use} | nothing |\n"));
    let rows = rows.collect::<String>();
    let head = "| layer | folders and files | may use | knows |\n|---|---|---|---|\n";
    let design = format!(
        "# Toy\n\n## Layers\n\n### `{ROOT}`\n\n{head}{rows}\n### Circles inside a folder\n\n{circles}\n## Next\n"
    );
    let mut tables = table::read(&design).unwrap();
    tables.remove(ROOT).unwrap()
}

fn found(texts: &[(&str, &str)], table: &Table) -> Vec<String> {
    problems("toy", ROOT, &files(texts), table)
}

const TWO: [(&str, &str, &str); 2] = [("top", "`top`", "lower layers"), ("low", "`low/`", "nothing")];

#[test]
fn an_arrow_that_goes_up_is_named_with_its_line_and_rule() {
    let texts = [
        ("lib.rs", "mod low;\nmod top;\npub use top::Top;"),
        ("top.rs", "pub struct Top;"),
        ("low/mod.rs", "mod deep;"),
        (
            "low/deep.rs",
            "/// [`crate::Top`] in prose is not an arrow.\nfn low(_: &crate::Top) {}",
        ),
    ];
    assert_eq!(
        found(&texts, &toy(&TWO, "")),
        ["toy/src/low/deep.rs:2: low (low) uses top (top): a layer may use lower layers only"]
    );
}

#[test]
fn every_way_to_write_a_path_is_seen() {
    let ways = [
        "use crate::top::Top;",
        "use crate::{top::{self, Top as Other}};",
        "use super::super::top::*;",
        "pub(crate) use crate::top::Top;",
        "fn f() { let _ = crate::top::Top; }",
        "fn f() { use super::super::top::Top; }",
        "fn f() { use crate::{top::Top}; }",
        "fn f() { println!(\"{:?}\", crate::top::Top); }",
        "macro_rules! make { () => { $crate::top::Top }; }",
        "use crate::Top;",
        "use super::super::top as other; fn f() { let _ = other::Top; }",
        "mod inner { use super::super::super::top::Top; }",
        "impl From<crate::top::Top> for u8 {}",
        "#[derive(crate::top::Top)] struct A;",
    ];
    for way in ways {
        let texts = [
            ("lib.rs", "mod low; mod top; pub use top::Top;"),
            ("top.rs", "pub struct Top;"),
            ("low/mod.rs", "mod deep;"),
            ("low/deep.rs", way),
        ];
        let found = found(&texts, &toy(&TWO, ""));
        assert_eq!(found.len(), 1, "{way}: {found:?}");
        assert!(
            found[0].starts_with("toy/src/low/deep.rs:1: low (low) uses top (top)"),
            "{way}: {found:?}"
        );
    }
}

#[test]
fn code_that_does_not_use_a_module_is_not_an_arrow() {
    let ways = [
        "#[cfg(test)]\nmod tests { use crate::top::Top; }",
        "#[cfg(test)]\nmod tests;",
        "#[cfg(all(test, feature = \"x\"))]\nuse crate::top::Top;",
        "struct A;\nimpl A { #[cfg(test)] fn f() { crate::top::f() } }",
        "//! [`crate::top::Top`]",
        "const A: &str = \"crate::top::Top\"; // crate::top::Top",
        "fn f() -> TokenStream { quote! { crate::top::Top } }",
        "pub(in crate::low) struct A;",
        "fn f() { ::top::Top::new(); std::top::new(); }",
    ];
    for way in ways {
        let texts = [
            ("lib.rs", "mod low; mod top;"),
            ("top.rs", "pub struct Top;"),
            ("low/mod.rs", "mod deep;"),
            ("low/deep.rs", way),
            ("low/deep/tests.rs", "use crate::top::Top;"),
        ];
        assert_eq!(found(&texts, &toy(&TWO, "")), [""; 0], "{way}");
    }
    // With `not(test)` or another condition the code is a part of the crate.
    for condition in ["not(test)", "any(test, feature = \"x\")", "feature = \"x\""] {
        let text = format!("#[cfg({condition})] use crate::top::Top;");
        let texts = [
            ("lib.rs", "mod low; mod top;"),
            ("top.rs", "pub struct Top;"),
            ("low/mod.rs", &text),
        ];
        assert_eq!(found(&texts, &toy(&TWO, "")).len(), 1, "{condition}");
    }
}

#[test]
fn an_arrow_to_the_side_needs_the_tables_permission() {
    let texts = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B;\n"),
        ("b.rs", "pub struct B;"),
    ];
    let row = |may_use| toy(&[("pair", "`a`, `b`", may_use)], "");
    assert_eq!(
        found(&texts, &row("nothing")),
        ["toy/src/a.rs:1: a (pair) uses b (pair): the table allows no such arrow within the layer"]
    );
    assert_eq!(found(&texts, &row("nothing; `a → b`")), [""; 0]);
    assert_eq!(
        found(&texts, &row("nothing; `a → b`, `b → a`")),
        ["the layer pair of toy/src allows `b → a`, and nothing uses it: remove it"]
    );
}

#[test]
fn a_circle_of_three_folders_is_found_with_an_arrow_for_each() {
    let texts = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a/mod.rs", "mod x;"),
        ("a/x.rs", "use crate::b::B;\npub struct A;"),
        ("b/mod.rs", "mod x;\npub use x::B;"),
        ("b/x.rs", "\nuse crate::c::C;\npub struct B;"),
        ("c/mod.rs", "pub struct C(super::a::A);"),
    ];
    let table = toy(&[("one", "`a/`, `b/`, `c/`", "nothing; `a → b`, `b → c`, `c → a`")], "");
    assert_eq!(
        found(&texts, &table),
        ["a, b, c form a circle: toy/src/a/x.rs:1 uses b; toy/src/b/x.rs:2 uses c; toy/src/c/mod.rs:1 uses a"]
    );
}

#[test]
fn a_circle_inside_a_folder_is_listed_or_reported() {
    let texts = [
        ("lib.rs", "mod low;"),
        ("low/mod.rs", "mod a;\nmod b;\npub use a::A;"),
        ("low/a.rs", "use super::b::B;\npub struct A;"),
        ("low/b.rs", "use super::A;\npub struct B;"),
    ];
    let rows = [("low", "`low/`", "nothing")];
    assert_eq!(
        found(&texts, &toy(&rows, "")),
        [
            "toy/src/low: a, b form a circle that DESIGN.md does not list: toy/src/low/a.rs:1 uses b; \
          toy/src/low/b.rs:1 uses a"
        ]
    );
    assert_eq!(
        found(&texts, &toy(&rows, "- `toy/src/low`: `b`, `a`: for the test\n")),
        [""; 0]
    );
    assert_eq!(
        found(
            &[("lib.rs", "mod low;"), ("low/mod.rs", "")],
            &toy(&rows, "- `toy/src/low`: `a`, `b`: reason\n")
        ),
        ["DESIGN.md lists a circle in toy/src/low that does not exist: a, b"]
    );
}

#[test]
fn a_row_names_existing_files_and_each_file_is_in_one_row() {
    let texts = [("lib.rs", "mod a; mod b;"), ("a.rs", ""), ("b/mod.rs", "")];
    let table = toy(
        &[("one", "`a`, `b`, `gone`", "lower layers"), ("two", "`a`", "nothing")],
        "",
    );
    assert_eq!(
        found(&texts, &table),
        [
            "toy/src/a is in several layers: one, two",
            "toy/src/b/ is in no layer: add it to the table in DESIGN.md",
            "the layer one of toy/src names `b`, which does not exist",
            "the layer one of toy/src names `gone`, which does not exist",
        ]
    );
}

#[test]
fn a_module_uses_nothing_that_the_root_defines() {
    let texts = [("lib.rs", "mod a; pub struct Root;"), ("a.rs", "use crate::Root;")];
    assert_eq!(
        found(&texts, &toy(&[("one", "`a`", "nothing")], "")),
        ["toy/src/a.rs:1: lib.rs re-exports only: move what is used to a module"]
    );
}

#[test]
fn a_program_uses_its_library_by_layers_too() {
    let texts = [
        ("lib.rs", "mod a; pub use a::A; pub fn run() {}"),
        ("a.rs", "pub struct A;"),
        ("main.rs", "mod cli;\nfn main() { toy::run(); cli::start() }"),
        ("cli.rs", "use toy::A;\nuse crate::helper;"),
    ];
    let program = ("program", "`main`, `cli`");
    let low = ("low", "`a`", "nothing");
    let open = toy(
        &[(program.0, program.1, "lower layers; `main → cli`, `cli → main`"), low],
        "",
    );
    assert_eq!(found(&texts, &open).len(), 1, "main and cli form a circle");
    let closed = toy(
        &[(program.0, program.1, "nothing; `main → cli`, `cli → main`"), low],
        "",
    );
    assert_eq!(
        found(&texts, &closed)[0],
        "toy/src/cli.rs:1: cli (program) uses a (low): the layer may use no lower layer"
    );
}

#[test]
fn names_of_other_crates_are_kept_in_their_places() {
    let files = files(&[
        (
            "lib.rs",
            "mod journal; mod paging; mod client; mod batch; pub use ica_batch_sdk::types;",
        ),
        ("journal.rs", "mod sqlite; fn f(_: rusqlite::Connection) {}"),
        ("journal/sqlite/mod.rs", "fn f(_: rusqlite::Connection) {}"),
        (
            "client.rs",
            "use ica_batch_sdk::types::Job;\nfn f(_: rusqlite::Connection) {}",
        ),
        ("paging.rs", "mod a; mod b; mod c;"),
        (
            "paging/a.rs",
            "use ica_batch_sdk as raw;\nfn f(_: raw::types::Job) {}\nuse ica_batch_sdk::UnknownValue;",
        ),
        ("paging/b.rs", "\nuse crate::types;\nfn f(_: types::Job) {}"),
        ("paging/c.rs", "#[cfg(test)] use crate::types;"),
        ("batch.rs", "mod wait;"),
        (
            "batch/wait/mod.rs",
            "mod inner { fn f() { crate::types::Job::default() } }",
        ),
    ]);
    let places = misplaced(&Crate::parse("ica_batch_sdk_ext", &files));
    let places = places.iter().map(|line| line.rsplit_once(": ").unwrap().0);
    assert_eq!(
        places.collect::<Vec<_>>(),
        [
            "ica-batch-sdk-ext/src/batch/wait/mod.rs:1: ica_batch_sdk::types::Job::default",
            "ica-batch-sdk-ext/src/client.rs:2: rusqlite::Connection",
            "ica-batch-sdk-ext/src/journal.rs:1: rusqlite::Connection",
            "ica-batch-sdk-ext/src/paging/a.rs:2: ica_batch_sdk::types::Job",
            "ica-batch-sdk-ext/src/paging/b.rs:2: ica_batch_sdk::types",
            "ica-batch-sdk-ext/src/paging/b.rs:3: ica_batch_sdk::types::Job",
        ]
    );
}
