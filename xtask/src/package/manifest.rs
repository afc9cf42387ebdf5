//! The manifest of the crate.

/// Dependencies of the generated source and of the hand-written modules, as in the workspace of the
/// generator. A test compares them.
const DEPENDENCIES: &str = r#"bon = { version = "3.10", default-features = false, features = ["std"] }
bytes = "1"
chrono = { version = "0.4", default-features = false, features = ["serde", "std", "now"] }
flate2 = "1"
http = "1"
http-body = "1"
percent-encoding = "2"
progenitor-client = "0.15"
regress = "0.12"
reqwest = { version = "0.13.4", default-features = false, features = ["json", "query", "stream"] }
schemars = { version = "1", optional = true, features = ["chrono04", "uuid1"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["rt"] }
uuid = { version = "1", features = ["serde"] }
"#;

/// Returns the names of the dependencies.
pub(super) fn dependencies() -> impl Iterator<Item = &'static str> {
    DEPENDENCIES.lines().filter_map(|line| Some(line.split_once(" = ")?.0))
}

/// Returns the text of `Cargo.toml`.
pub(super) fn text(name: &str) -> String {
    let generator = env!("CARGO_PKG_VERSION");
    let edition = "2024";
    let rust_version = env!("CARGO_PKG_RUST_VERSION");
    format!(
        r#"# Written by ica-batch-xtask {generator}.

[package]
name = "{name}"
version = "0.1.0"
edition = "{edition}"
rust-version = "{rust_version}"
# Check the license of the description before you publish the crate.
publish = false

# Remove this to make the crate a member of another workspace.
[workspace]

[lib]
# The texts of a description are Markdown. What looks like code in them is not meant to run.
doctest = false

[lints.rustdoc]
bare_urls = "allow"
broken_intra_doc_links = "allow"
invalid_html_tags = "allow"

[features]
# Derive `schemars::JsonSchema` on every generated type.
schemars = ["dep:schemars"]

# A program that uses https turns on a TLS feature of reqwest, such as `rustls`.
[dependencies]
{DEPENDENCIES}"#
    )
}

#[cfg(test)]
mod tests {
    use super::DEPENDENCIES;

    /// Returns the lines of one section of a manifest of the workspace.
    fn section(path: &str, head: &str) -> Vec<String> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let text = std::fs::read_to_string(format!("{root}/{path}")).unwrap();
        let lines = text.lines().skip_while(|line| *line != head).skip(1);
        let lines = lines.take_while(|line| !line.starts_with('['));
        lines.filter(|line| line.contains(" = ")).map(str::to_owned).collect()
    }

    #[test]
    fn the_dependencies_are_those_of_the_raw_client() {
        let workspace = section("Cargo.toml", "[workspace.dependencies]");
        let member = section("ica-batch-sdk/Cargo.toml", "[dependencies]").join("\n");
        let member = member.replace(".workspace = true", "");
        let wanted: Vec<_> = member.lines().map(|line| line.split(" = ").next().unwrap()).collect();
        assert!(super::dependencies().eq(wanted.iter().copied()), "{wanted:?}");
        for line in DEPENDENCIES.lines() {
            let (name, written) = line.split_once(" = ").unwrap();
            let shared = workspace
                .iter()
                .find_map(|line| line.strip_prefix(&format!("{name} = ")));
            let shared = shared.unwrap();
            let is_same = match member.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))) {
                None => written == shared,
                // The member adds features.
                Some(own) => {
                    let own = own.replace("workspace = true", &format!("version = {shared}"));
                    written == own
                }
            };
            assert!(is_same, "{name}: {written} is written, and the workspace has {shared}");
        }
    }

    #[test]
    fn the_edition_is_that_of_the_workspace() {
        let package = section("Cargo.toml", "[workspace.package]");
        for line in package
            .iter()
            .filter(|line| line.starts_with("edition") || line.starts_with("rust-version"))
        {
            assert!(super::text("client").contains(line.as_str()), "{line}");
        }
    }
}
