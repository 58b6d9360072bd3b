//! What Limbeck adds to Alembic's comparison under its own name: renames, enum types, what is lost with what is dropped, what rows may refuse, and casts that
//! the server does not make by itself.

mod casts;
mod computed;
mod constraints;
mod doubts;
mod enums;
mod losses;
mod names;
mod renames;
mod sequences;
mod values;

pub use casts::with_casts;
pub use computed::{Computing, with_computed};
pub use constraints::with_constraints;
pub use doubts::{Doubt, Rows, answered, doubts, doubts_of_values, with_doubts, with_doubts_back};
pub use enums::{Enums, with_enums};
pub use losses::{Loss, annotated, losses};
pub use names::with_names;
pub use renames::{Candidate, Rename, candidates, check_renames, rename};
pub use sequences::missing_sequences;
