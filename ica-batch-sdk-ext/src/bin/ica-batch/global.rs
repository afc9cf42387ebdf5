//! Options of all commands.

use std::path::PathBuf;

use clap::Args;

use crate::failure::ErrorFormat;
use crate::messages::Color;

/// Options of all commands.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Profile of the configuration file.
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "ICA_BATCH_PROFILE",
        hide_env_values = true
    )]
    pub(crate) profile: Option<String>,
    /// Configuration file, in place of the one in the configuration directory of the user.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "ICA_BATCH_CONFIG",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
    /// Base URL of the API.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "ICAV2_BASE_URL",
        hide_env_values = true
    )]
    pub(crate) base_url: Option<String>,
    /// Id of the project.
    #[arg(
        long,
        global = true,
        value_name = "ID",
        env = "ICAV2_PROJECT_ID",
        hide_env_values = true
    )]
    pub(crate) project: Option<String>,
    /// Journal, in place of the one in the state directory of the user. One process at a time
    /// sends with a journal.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "ICA_BATCH_JOURNAL",
        hide_env_values = true
    )]
    pub(crate) journal: Option<PathBuf>,
    /// Allow plain http to hosts other than this machine. The credential is then not encrypted.
    #[arg(long, global = true)]
    pub(crate) allow_http: bool,
    /// Show errors only.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Log calls (-v), attempts (-vv) or everything (-vvv) to standard error. Secrets are never
    /// shown.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When text has colors.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub(crate) color: Color,
    /// Format of the message about an error.
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) error_format: ErrorFormat,
}
