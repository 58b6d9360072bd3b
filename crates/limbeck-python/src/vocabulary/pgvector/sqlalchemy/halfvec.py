"""`HALFVEC`."""

from ._sized import Sized


class HALFVEC(Sized):
    _name = "HALFVEC"
