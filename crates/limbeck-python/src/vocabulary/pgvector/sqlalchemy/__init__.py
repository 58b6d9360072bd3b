"""pgvector's column types."""

from .bit import BIT
from .halfvec import HALFVEC
from .sparsevec import SPARSEVEC
from .vector import VECTOR

Vector = VECTOR
__all__ = ["BIT", "HALFVEC", "SPARSEVEC", "VECTOR", "Vector"]
