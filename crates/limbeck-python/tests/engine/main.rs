//! The engine through its public interface, with scripts that speak to the host directly and with the built-in vocabulary.

mod check;
mod errors;
mod expressions;
mod host;
mod imports;
mod sandbox;
mod support;
mod vocabulary;
