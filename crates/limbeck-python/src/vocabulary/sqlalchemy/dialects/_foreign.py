"""Types of dialects that Limbeck does not speak: scripts mention them in variants and branches that never run here."""

from .. import _types


def make(module, names):
    """Classes by name, each with a base of its own kind."""
    for name, base in names.items():
        module[name] = type(_types.TypeEngine)(
            name, (_Foreign, getattr(_types, base)), {"__module__": module["__name__"], "_tag": "verbatim", "_dialect_type": name}
        )


class _Foreign:
    def __init__(self, *args, **kw):
        self._args = args
        for name in ("length", "collation", "precision", "scale", "timezone"):
            setattr(self, name, kw.get(name))
        if args and isinstance(args[0], int):
            self.length = args[0]
        self.asdecimal = True
        self.decimal_return_scale = None
        self.none_as_null = False
        self.as_uuid = True

    def _encode(self):
        text = self._dialect_type
        if self.length is not None:
            text += "(%s)" % self.length
        return ("verbatim", text)
