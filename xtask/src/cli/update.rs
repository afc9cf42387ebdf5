//! `cargo xtask update`: takes the facts of a published description into that of the repository.

use std::path::PathBuf;
use std::process::ExitCode;

use super::files;
use clap::{Args, ValueEnum};
use xtask::Result;
use xtask::diff::Change;
use xtask::update::{self, Options, Work};

/// Take the facts of a published description into that of the repository, and keep its prose.
///
/// Then list the work that the changes bring: prose for new nodes, and what the generator, the
/// snapshots and the extension crate need. The file changes as a whole or not at all. The exit code is
/// 0 also where there is work, and 2 where a description cannot be read or updated.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Published description in YAML or JSON.
    #[arg(value_name = "PUBLISHED")]
    published: PathBuf,
    /// Description to update [default: openapi/ica-batch.yaml].
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// Add the operation with this id and all that it reaches. Can be repeated.
    #[arg(long = "operation", value_name = "ID")]
    operations: Vec<String>,
    /// Add all operations with this tag. Can be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Write nothing, and list the work alone.
    #[arg(long)]
    dry_run: bool,
    /// Form of the list.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A list for a terminal.
    Text,
    /// The text of a pull request.
    Markdown,
}

impl Update {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.update() {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) => {
                anstream::eprintln!("error: {error}");
                Ok(ExitCode::from(2))
            }
        }
    }

    fn update(self) -> Result<()> {
        let is_ours = self.base.is_none();
        let path = self.base.unwrap_or_else(files::default_spec);
        let base = files::source(&path)?;
        let published = files::source(&self.published)?;
        let options = Options {
            operations: self.operations,
            tags: self.tags,
        };
        let update = update::update(&base, &published, &options)?;
        let changed = update.text != base.text();
        let mut work = match is_ours {
            true => Work::with_advice(&update),
            false => Work::of(&update),
        };
        if changed {
            work.add("Decide", decisions(&update.text));
            if is_ours {
                let mut tasks = COMMANDS.map(str::to_owned).to_vec();
                let is_moved = |change: &Change| change.rule.starts_with("operation-") || change.rule == "path-changed";
                if !update.added.is_empty() || update.changes.changes.iter().any(is_moved) {
                    tasks.insert(0, TABLE.to_owned());
                }
                work.add("Then", tasks);
            }
        }
        match self.format {
            Format::Text => anstream::print!("{}", work.text()),
            Format::Markdown => anstream::print!("{}", work.markdown()),
        }
        match (changed, self.dry_run) {
            (false, _) => anstream::eprintln!("{} is up to date", path.display()),
            (true, true) => anstream::eprintln!(
                "would change {}; the lines above are those of the new text",
                path.display()
            ),
            (true, false) => {
                files::replace(&path, &update.text)?;
                anstream::eprintln!("changed {}", path.display());
            }
        }
        Ok(())
    }
}

/// Texts that name the operations.
const TABLE: &str = "adapt the texts at the top of `openapi/ica-batch.yaml` and the table in `openapi/README.md`";

/// Commands after an update, in this order.
const COMMANDS: [&str; 5] = [
    "`cargo xtask generate`",
    "`INSTA_UPDATE=always cargo test -p ica-batch-xtask`",
    "`INSTA_UPDATE=always cargo test -p ica-batch-tests --test it snapshots`",
    "`git diff`",
    "`cargo test --workspace`",
];

/// Returns what the generator says about the new description.
fn decisions(text: &str) -> Vec<String> {
    match xtask::generate(text) {
        Ok(generated) => {
            let skipped = generated.skipped.iter();
            let skipped = skipped.map(|one| format!("the client lacks {}: {}", one.operation_id, one.reason));
            skipped
                .chain(generated.remarks.iter().map(ToString::to_string))
                .collect()
        }
        Err(error) => vec![format!("the generator refuses the new description: {error}")],
    }
}
