//! Arguments of `doctor`.

use super::Json;
use clap::Args;

#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub json: Json,
}
