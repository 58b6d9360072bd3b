//! Project discovery, configuration, script directory, headers read statically, templates.
