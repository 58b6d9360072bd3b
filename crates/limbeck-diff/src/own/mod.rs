//! What Limbeck adds to Alembic's comparison under its own name: renames, enum types, what is lost with what is dropped, and casts that the server
//! does not make by itself.

mod casts;
mod computed;
mod constraints;
mod enums;
mod losses;
mod renames;
mod sequences;

pub use casts::with_casts;
pub use computed::with_computed;
pub use constraints::with_constraints;
pub use enums::{Enums, with_enums};
pub use losses::{Loss, annotated, losses};
pub use renames::{Candidate, Rename, candidates, rename};
pub use sequences::missing_sequences;
