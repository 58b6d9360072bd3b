//! Arguments of `gate` and `health`.

use super::Json;
use clap::Args;

#[derive(Args, Debug)]
pub struct GateArgs {
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct HealthArgs {
    #[command(flatten)]
    pub json: Json,
}
