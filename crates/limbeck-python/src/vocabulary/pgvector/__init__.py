"""pgvector."""
