"""`VECTOR`."""

from ._sized import Sized


class VECTOR(Sized):
    _name = "VECTOR"
