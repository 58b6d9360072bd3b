//! Source files, spans, and diagnostics with codes and hints.
//!
//! Every crate reports what went wrong as a [`Diagnostic`]: a stable code, one sentence, the place, the chain of
//! causes and the next command. This crate also turns diagnostics into text and JSON. It reads no files and prints
//! nothing: the text of a source line travels inside its [`Location`].
//!
//! Conventions: lines and columns count from 1, columns count characters, offsets count bytes.

pub mod codes;
mod diagnostic;
pub mod python;
mod render;
mod source;
pub mod words;

pub use diagnostic::{Diagnose, Diagnostic, Severity};
pub use render::{Style, render, render_all, render_concise, render_json};
pub use source::{Location, SourceFile, Span};
