//! Source files, spans, and diagnostics with codes and hints.
