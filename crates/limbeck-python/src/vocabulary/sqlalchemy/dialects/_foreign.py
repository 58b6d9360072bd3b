"""Types of dialects that Limbeck does not speak: scripts mention them in variants and branches that never run here."""

from .. import _types

_STRING = (("length", None), ("collation", None))
_FLOAT = (("precision", None), ("asdecimal", False), ("decimal_return_scale", None))


def make(module, own, shared):
    """Classes by name, each with a base of its own kind and the arguments it takes; `shared` are SQLAlchemy's own under the same name."""
    for name, (base, signature) in own.items():
        attributes = {"__module__": module["__name__"], "_tag": "verbatim", "_dialect_type": name, "_signature": signature}
        module[name] = type(_types.TypeEngine)(name, (_Foreign, getattr(_types, base)), attributes)
    for name in shared.split():
        module[name] = getattr(_types, name)


class _Foreign:
    """`_signature` holds the arguments of `__init__` in order, with their defaults."""

    def __init__(self, *args, **kw):
        self._args = args
        for name in ("length", "collation", "precision", "scale", "timezone"):
            setattr(self, name, None)
        self.asdecimal = True
        self.decimal_return_scale = None
        self.none_as_null = False
        self.as_uuid = True
        for position, (name, default) in enumerate(self._signature):
            setattr(self, name, args[position] if position < len(args) else kw.get(name, default))

    def _encode(self):
        text = self._dialect_type
        if self.length is not None:
            text += "(%s)" % self.length
        return ("verbatim", text)
