"""Rows and results."""

from . import _types


class Row(tuple):
    """A row: a tuple whose values also answer to column names."""

    def __new__(cls, values, keys):
        self = tuple.__new__(cls, values)
        self._keys = keys
        return self

    def __class_getitem__(cls, item):
        return cls

    @property
    def _mapping(self):
        return RowMapping(self)

    @property
    def _fields(self):
        return tuple(self._keys.names)

    def _asdict(self):
        return dict(zip(self._keys.names, tuple(self)))

    @property
    def _data(self):
        return tuple(self)

    def _tuple(self):
        return self

    @property
    def t(self):
        return self

    tuple_ = t

    def keys(self):
        return list(self._keys.names)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        position = self._keys.position(name)
        if position is None:
            raise AttributeError("Could not locate column in row for column '%s'" % name)
        return self[position]

    # `count` and `index` are columns far more often than methods of a tuple.
    def __getattribute__(self, name):
        if name in ("count", "index"):
            position = object.__getattribute__(self, "_keys").position(name)
            if position is not None:
                return tuple.__getitem__(self, position)
        return object.__getattribute__(self, name)

    def __repr__(self):
        return tuple.__repr__(self)

    def __reduce__(self):
        return (tuple, (tuple(self),))


BaseRow = Row


class RowMapping:
    """A row by name."""

    def __init__(self, row):
        self._row = row

    def __getitem__(self, key):
        position = self._row._keys.position(key)
        if position is None or isinstance(key, int):
            from .exc import NoSuchColumnError

            raise NoSuchColumnError("Could not locate column in row for column '%s'" % (key,))
        return self._row[position]

    def __contains__(self, key):
        return self._row._keys.position(key) is not None

    def __iter__(self):
        return iter(self._row._keys.names)

    def __len__(self):
        return len(self._row)

    def get(self, key, default=None):
        position = self._row._keys.position(key)
        return default if position is None else self._row[position]

    def keys(self):
        return list(self._row._keys.names)

    def values(self):
        return list(self._row)

    def items(self):
        return list(zip(self._row._keys.names, self._row))

    def __eq__(self, other):
        return dict(self.items()) == (dict(other.items()) if hasattr(other, "items") else other)

    __hash__ = None

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        position = self._row._keys.position(name)
        if position is None:
            raise AttributeError("'RowMapping' object has no attribute '%s'" % name)
        raise AttributeError("'RowMapping' object has no attribute '%s'" % name)

    def __repr__(self):
        return repr(dict(self.items()))


class Keys:
    """The columns of a result."""

    def __init__(self, names, elements=None):
        self.names = names
        self.elements = elements or []
        self._index = {}
        for number, name in enumerate(names):
            self._index.setdefault(name, number)

    def position(self, key):
        if isinstance(key, str):
            found = self._index.get(key)
            if found is None:
                for number, element in enumerate(self.elements):
                    if getattr(element, "key", None) == key:
                        return number
            return found
        if isinstance(key, int):
            return key
        key = key.__clause_element__() if hasattr(key, "__clause_element__") else key
        for number, element in enumerate(self.elements):
            inner = element
            while inner is not None:
                if inner is key:
                    return number
                inner = getattr(inner, "_proxies", None)
        name = getattr(key, "name", None) or getattr(key, "key", None)
        return self._index.get(name)

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)

    def __contains__(self, key):
        return self.position(key) is not None

    def __getitem__(self, number):
        return self.names[number]

    def __eq__(self, other):
        return list(self.names) == list(other)

    def __repr__(self):
        return "RMKeyView(%r)" % (list(self.names),)


class _Fetching:
    """How rows are taken, shared by all kinds of results."""

    _closed = False

    def __class_getitem__(cls, item):
        return cls

    def _make(self, row):
        return row

    def _source(self):
        return self

    def _next(self):
        source = self._source()
        source._check_rows()
        if source._position >= len(source._rows):
            return None, False
        row = source._rows[source._position]
        source._position += 1
        return self._make(row), True

    def _take(self, size=None):
        taken = []
        while size is None or len(taken) < size:
            row, there = self._next()
            if not there:
                break
            if self._unique is not None:
                try:
                    if row in self._unique:
                        continue
                    self._unique.add(row)
                except TypeError:
                    if id(row) in self._unique:
                        continue
                    self._unique.add(id(row))
            taken.append(row)
        return taken

    _unique = None

    def unique(self, strategy=None):
        self._unique = set()
        return self

    def fetchall(self):
        return self._take()

    all = fetchall

    def fetchone(self):
        rows = self._take(1)
        return rows[0] if rows else None

    def fetchmany(self, size=None):
        return self._take(size if size is not None else 1)

    def first(self):
        row = self.fetchone()
        self._source()._position = len(self._source()._rows)
        return row

    def one_or_none(self):
        rows = self._take(2)
        if len(rows) > 1:
            from .exc import MultipleResultsFound

            raise MultipleResultsFound("Multiple rows were found when one or none was required")
        return rows[0] if rows else None

    def one(self):
        rows = self._take(2)
        if len(rows) > 1:
            from .exc import MultipleResultsFound

            raise MultipleResultsFound("Multiple rows were found when exactly one was required")
        if not rows:
            from .exc import NoResultFound

            raise NoResultFound("No row was found when one was required")
        return rows[0]

    def partitions(self, size=None):
        while True:
            rows = self._take(size or 1000)
            if not rows:
                return
            yield rows

    def yield_per(self, num):
        return self

    def __iter__(self):
        while True:
            rows = self._take(1)
            if not rows:
                return
            yield rows[0]

    def __next__(self):
        rows = self._take(1)
        if not rows:
            raise StopIteration
        return rows[0]

    def close(self):
        self._source()._rows = []

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()
        return False


class Result(_Fetching):
    """Rows of a statement."""

    returns_rows = True

    def __init__(self, keys, rows):
        self._keys = keys
        self._rows = rows
        self._position = 0

    def _check_rows(self):
        if not self.returns_rows:
            from .exc import ResourceClosedError

            raise ResourceClosedError("This result object does not return rows. It has been closed automatically.")

    def keys(self):
        return self._keys

    def scalar(self):
        row = self.first()
        return row[0] if row is not None else None

    def scalar_one(self):
        return self.one()[0]

    def scalar_one_or_none(self):
        row = self.one_or_none()
        return row[0] if row is not None else None

    def scalars(self, index=0):
        return ScalarResult(self, self._keys.position(index))

    def mappings(self):
        return MappingResult(self)

    def columns(self, *keys):
        positions = [self._keys.position(key) for key in keys]
        names = Keys([self._keys.names[position] for position in positions])
        return Result(names, [Row([row[position] for position in positions], names) for row in self._rows[self._position :]])

    def tuples(self):
        return self

    def freeze(self):
        rows, keys = self.fetchall(), self._keys
        return lambda: Result(keys, list(rows))

    @property
    def closed(self):
        return not self._rows


IteratorResult = ChunkedIteratorResult = Result


class CursorResult(Result):
    """What the host answered, with the values converted by the statement's types."""

    def __init__(self, answer, statement=None, connection=None):
        names = []
        for column in answer.get("columns") or ():
            names.append(column["name"] if isinstance(column, dict) else column[0])
        self.returns_rows = bool(names) or bool(getattr(statement, "is_select", False))
        elements, types = [], []
        if statement is not None and hasattr(statement, "_exported") and names:
            elements = [element for _, element in statement._exported()]
        if statement is not None and hasattr(statement, "_result_types"):
            types = statement._result_types() or []
        if len(elements) != len(names):
            elements = []
        processors = []
        for number, type_ in enumerate(types[: len(names)]):
            resolved = _types.resolve(type_)
            if resolved._result is not None:
                processors.append((number, resolved._result))
        keys = Keys(names, elements)
        rows = []
        for values in answer.get("rows") or ():
            if processors:
                values = list(values)
                for number, process in processors:
                    values[number] = process(values[number])
            rows.append(Row(values, keys))
        Result.__init__(self, keys, rows)
        self._answer = answer
        self._statement = statement
        self.connection = connection
        self.lastrowid = answer.get("lastrowid")
        self.context = None
        if statement is not None and not self._explicit_rows(statement):
            # The primary key that an INSERT asked for by itself is not the script's result.
            self._generated = rows[0] if rows else None
            if self.returns_rows and not getattr(statement, "is_select", False) and hasattr(statement, "_returning"):
                self.returns_rows = False
                self._rows = []

    _generated = None

    @staticmethod
    def _explicit_rows(statement):
        return not hasattr(statement, "_returning") or bool(statement._returning)

    @property
    def rowcount(self):
        return self._answer.get("rowcount", -1)

    @property
    def inserted_primary_key(self):
        statement = self._statement
        keys = list(statement.table.primary_key.columns) if hasattr(statement.table.primary_key, "columns") else list(statement.table.primary_key)
        names = Keys([str(column.name) for column in keys])
        values = []
        for number, column in enumerate(keys):
            if self._generated is not None:
                values.append(self._generated[number])
            else:
                given = (statement._values or {}).get(column.key)
                values.append(self.lastrowid if given is None else given)
        return Row(values, names)

    @property
    def inserted_primary_key_rows(self):
        return [self.inserted_primary_key]

    @property
    def is_insert(self):
        return hasattr(self._statement, "_multi") and hasattr(self._statement, "from_select")

    def supports_sane_rowcount(self):
        return True

    def supports_sane_multi_rowcount(self):
        return True

    @property
    def cursor(self):
        return None


ResultProxy = CursorResult


def no_rows(connection=None):
    return CursorResult({"columns": [], "rows": [], "rowcount": -1}, None, connection)


class ScalarResult(_Fetching):
    def __init__(self, source, position):
        self._inner = source
        self._column = position
        self._unique = source._unique

    def _source(self):
        return self._inner

    def _make(self, row):
        return row[self._column]


class MappingResult(_Fetching):
    def __init__(self, source):
        self._inner = source

    def _source(self):
        return self._inner

    def _make(self, row):
        return RowMapping(row)

    def keys(self):
        return self._inner.keys()


class DriverCursor:
    """A cursor of the driver."""

    arraysize = 1

    def __init__(self, connection):
        self._connection = connection
        self._result = None

    def execute(self, sql, parameters=None):
        from ._engine import run_raw

        self._result = run_raw(self._connection, sql, parameters)
        return self

    def executemany(self, sql, sets):
        for values in sets:
            self.execute(sql, values)
        return self

    def fetchall(self):
        return [tuple(row) for row in self._result.fetchall()]

    def fetchone(self):
        row = self._result.fetchone()
        return tuple(row) if row is not None else None

    def fetchmany(self, size=1):
        return [tuple(row) for row in self._result.fetchmany(size)]

    def __iter__(self):
        return iter(self.fetchall())

    @property
    def rowcount(self):
        return self._result.rowcount if self._result is not None else -1

    @property
    def lastrowid(self):
        return self._result.lastrowid

    @property
    def description(self):
        return [(name, None, None, None, None, None, None) for name in self._result.keys()]

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        return False
