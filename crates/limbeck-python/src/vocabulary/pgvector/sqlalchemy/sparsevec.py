"""`SPARSEVEC`."""

from ._sized import Sized


class SPARSEVEC(Sized):
    _name = "SPARSEVEC"
