"""`google`: a namespace."""
