"""Text that scripts write themselves: `text("…")`."""

from . import _base
from ._constructs import Label
from ._elements import BindParameter, ClauseElement, ColumnClause, Grouping, and_, clause, or_
from ._types import NULLTYPE, to_instance


class TextClause(ClauseElement):
    """`text("…")`."""

    supports_execution = True
    key = None
    _execution_options = {}
    type = NULLTYPE

    def __init__(self, text):
        if not isinstance(text, str):
            from . import exc

            raise exc.ArgumentError("Textual SQL expression expected, got %r" % (text,))
        self.text = text
        self._binds = {}

    def bindparams(self, *binds, **names_to_values):
        fresh = self._copy_self()
        fresh._binds = dict(self._binds)
        known = text_names(self.text)
        for bind in binds:
            self._check_name(bind.key, known)
            fresh._binds[bind.key] = bind
        for name, value in names_to_values.items():
            self._check_name(name, known)
            old = fresh._binds.get(name)
            fresh._binds[name] = old._with_value(value) if old is not None else BindParameter(name, value)
        return fresh

    def _check_name(self, name, known):
        if name not in known:
            from . import exc

            raise exc.ArgumentError("This text() construct doesn't define a bound parameter named %r" % (name,))

    def columns(self, *cols, **types):
        return TextualSelect(self, cols, types)

    def params(self, *args, **kw):
        values = dict(args[0]) if args else {}
        values.update(kw)
        return self.bindparams(**values)

    def execution_options(self, **kw):
        fresh = self._copy_self()
        fresh._execution_options = dict(self._execution_options, **kw)
        return fresh

    def get_execution_options(self):
        return self._execution_options

    def self_group(self, against=None):
        return Grouping(self) if against == "IN" else self

    @property
    def comparator(self):
        return self

    def label(self, name):
        return Label(name, self, NULLTYPE)

    def __and__(self, other):
        return and_(self, other)

    def __or__(self, other):
        return or_(self, other)

    def _bind_payloads(self):
        payloads = [bind._payload() for bind in self._binds.values()]
        params = _base.state.params
        if params:
            known = text_names(self.text)
            payloads.extend(BindParameter(name, value)._payload() for name, value in params.items() if name in known and name not in self._binds)
        return payloads

    def _encode(self):
        return ("text", {"sql": self.text, "binds": self._bind_payloads()})

    def _encode_query(self):
        return ("text", {"sql": self.text, "binds": self._bind_payloads()})

    def _result_types(self):
        return None

    @property
    def is_select(self):
        return False


def text_names(sql):
    """Names of `:name` parameters in the text; `::` and `\\:` are not parameters."""
    names = set()
    at = sql.find(":")
    size = len(sql)
    while at != -1:
        before = sql[at - 1] if at else ""
        end = at + 1
        while end < size and (sql[end].isalnum() or sql[end] == "_"):
            end += 1
        if end > at + 1 and before != ":" and before != "\\" and not (end < size and sql[end] == ":") and not (before.isalnum() or before in "_$"):
            names.add(sql[at + 1 : end])
        at = sql.find(":", max(end, at + 1))
    return names


def text(text, bind=None):
    return TextClause(text)


class TextualSelect(ClauseElement):
    """`text(...).columns(...)`."""

    supports_execution = True
    is_select = True
    _is_from = True

    def __init__(self, clause_, cols, types):
        self.element = clause_
        self.column_args = [clause(col) for col in cols] + [ColumnClause(name, to_instance(type_)) for name, type_ in types.items()]

    def _encode_query(self):
        return self.element._encode_query()

    def _result_types(self):
        return [column.type for column in self.column_args]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise _base.unsupported("text().columns().%s" % name)
