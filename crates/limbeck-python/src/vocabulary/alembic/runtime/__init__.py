"""Migration context and environment."""
