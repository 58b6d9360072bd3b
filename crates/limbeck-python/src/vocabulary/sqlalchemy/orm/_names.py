"""Names in relationship arguments that are given as text."""

from ..exc import InvalidRequestError


class Names:
    """Names in relationship arguments given as text: classes of the registry, tables, and functions."""

    def __init__(self, mapper):
        self.mapper = mapper

    def resolve(self, text):
        try:
            return eval(text, {"__builtins__": {}}, self)
        except KeyError as error:
            raise InvalidRequestError("When initializing mapper %s, expression %r failed to locate a name (%r)." % (self.mapper, text, error.args[0])) from None
        except NameError as error:
            raise InvalidRequestError("When initializing mapper %s, expression %r failed to locate a name (%s)." % (self.mapper, text, error)) from None

    def __getitem__(self, name):
        known = self.mapper.registry._class_registry
        if name in known:
            return known[name]
        tables = self.mapper.registry.metadata.tables
        if name in tables:
            return _TableName(tables[name])
        for full in known:
            if full.startswith(name + "."):
                return _Path(known, name)
        if name in ("foreign", "remote"):
            from . import _relation

            return getattr(_relation, name)
        from .. import _names

        found = _names.find(name)
        if found is None:
            raise KeyError(name)
        return found


class _TableName:
    """`users.c.id` or `users.id`."""

    def __init__(self, table):
        self._table = table
        self.c = self.columns = table.c

    def __getattr__(self, name):
        return self._table.c[name]

    def __clause_element__(self):
        return self._table


class _Path:
    """`package.module.Class`."""

    def __init__(self, known, path):
        self._known, self._path = known, path

    def __getattr__(self, name):
        full = "%s.%s" % (self._path, name)
        return self._known[full] if full in self._known else _Path(self._known, full)
