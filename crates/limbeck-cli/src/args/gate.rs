//! Arguments of `gate` and `health`.

use super::{Json, SafetyArgs};
use clap::Args;
use std::ffi::OsString;

#[derive(Args, Debug)]
pub struct GateArgs {
    /// Let the program start although revisions are pending; this is written into the health log [also ALLOW_PENDING_MIGRATIONS=true]
    #[arg(long)]
    pub allow_pending: bool,
    /// First apply what is pending, under the migration lock: of many that start at once one applies, the others wait [also APPLY_MIGRATIONS=true]
    #[arg(long)]
    pub apply: bool,
    /// With --apply: back the database up before anything is applied [also BACKUP_BEFORE_MIGRATE=true]
    #[arg(long)]
    pub backup: bool,
    /// How many revisions the database may be ahead of this code, in a rolling deploy [default: 0; also GATE_ALLOW_AHEAD, `ahead_window` in limbeck.toml]
    #[arg(long, value_name = "N")]
    pub ahead: Option<String>,
    /// How often to try again while the database does not answer [default: 0; also DB_CONNECTION_RETRIES]
    #[arg(long, value_name = "N")]
    pub retries: Option<String>,
    /// How long to wait before the next try: 5s, 500ms (a bare number: seconds) [default: 2s; also DB_CONNECTION_RETRY_INTERVAL]
    #[arg(long, value_name = "TIME")]
    pub retry_interval: Option<String>,
    /// Leave env.py alone: the URL is --url's, DATABASE_URL's or the configuration's, and so is the version table; faster in a fresh container
    #[arg(long, conflicts_with = "apply")]
    pub no_env: bool,
    #[command(flatten)]
    pub safety: SafetyArgs,
    #[command(flatten)]
    pub json: Json,
    /// The program that takes this process's place once the gate is open, with its arguments
    #[arg(last = true, value_name = "PROGRAM")]
    pub program: Vec<OsString>,
}

#[derive(Args, Debug)]
pub struct HealthArgs {
    /// Answer by HTTP until SIGTERM comes: /healthz (this process lives), /readyz (a program may run on the database), /metrics (for Prometheus)
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "json")]
    pub serve: Option<String>,
    /// With --serve: an address that other machines can reach is meant so
    #[arg(long, requires = "serve")]
    pub allow_remote: bool,
    /// Count as ready although revisions are pending [also ALLOW_PENDING_MIGRATIONS=true]
    #[arg(long)]
    pub allow_pending: bool,
    /// How many revisions the database may be ahead of this code [default: 0; also GATE_ALLOW_AHEAD, `ahead_window` in limbeck.toml]
    #[arg(long, value_name = "N")]
    pub ahead: Option<String>,
    #[command(flatten)]
    pub json: Json,
}
