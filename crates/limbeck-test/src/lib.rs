//! Private database servers for tests.
