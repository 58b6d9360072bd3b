"""`google.protobuf`: the enumerations of generated modules. Applications name states with them; messages themselves are not made here."""

__version__ = "6.33.0"


def __getattr__(name):
    if not name.endswith("_pb2"):
        raise AttributeError(name)
    import _limbeck
    from _limbeck_boot import Deferred

    file, line, _ = _limbeck.place()
    return Deferred("google.protobuf." + name, file, line)
