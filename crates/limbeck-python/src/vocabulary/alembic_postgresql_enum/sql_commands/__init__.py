"""Names that scripts import."""
