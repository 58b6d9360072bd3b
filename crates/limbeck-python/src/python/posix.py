"""What the library takes from `posix` is what `os` has."""

from os import *
