"""DDL statements as objects: `CreateTable(t)`, `DropIndex(i)`, `DDL("…")`."""

from . import _base
from ._base import encoding, ident, table_name
from ._elements import ClauseElement


class ExecutableDDLElement(ClauseElement):
    """A statement that is an operation of its own."""

    supports_execution = True
    is_select = False
    _execution_options = {}


class DDL(ExecutableDDLElement):
    """`DDL("…")`: text with %(table)s and the like."""

    def __init__(self, statement, context=None, bind=None):
        self.statement = statement
        self.context = context or {}

    def execute_if(self, dialect=None, callable_=None, state=None):
        return self

    def _encode_query(self):
        context = dict(self.context)
        text = self.statement % context if context else self.statement.replace("%%", "%")
        return ("raw", {"sql": text})

    def __call__(self, target, bind, **kw):
        return bind.execute(self)


class CreateTable(ExecutableDDLElement):
    def __init__(self, element, include_foreign_key_constraints=None, if_not_exists=False):
        self.element = element
        self.if_not_exists = if_not_exists

    def _operation(self):
        return ("create_table", {"table": self.element._data(), "if_not_exists": self.if_not_exists})


class DropTable(ExecutableDDLElement):
    def __init__(self, element, if_exists=False):
        self.element = element
        self.if_exists = if_exists

    def _operation(self):
        return ("drop_table", dict(self.element._drop_data(), if_exists=self.if_exists, columns=[]))


class CreateIndex(ExecutableDDLElement):
    def __init__(self, element, if_not_exists=False):
        self.element = element
        self.if_not_exists = if_not_exists

    def _operation(self):
        return ("create_index", {"index": self.element._data_alone(), "if_not_exists": self.if_not_exists})


class DropIndex(ExecutableDDLElement):
    def __init__(self, element, if_exists=False):
        self.element = element
        self.if_exists = if_exists

    def _operation(self):
        return ("drop_index", dict(self.element._drop_data(), if_exists=self.if_exists))


class AddConstraint(ExecutableDDLElement):
    def __init__(self, element, isolate_from_table=True):
        self.element = element

    def _operation(self):
        table = self.element.table
        with encoding():
            return ("create_constraint", {"table": table_name(table.name, table.schema), "constraint": self.element._tagged()})


class DropConstraint(ExecutableDDLElement):
    def __init__(self, element, cascade=False, if_exists=False, isolate_from_table=True, **kw):
        self.element = element
        self.if_exists = if_exists

    def _operation(self):
        table = self.element.table
        return (
            "drop_constraint",
            {"table": table_name(table.name, table.schema), "name": _base.constraint_name(self.element.name), "if_exists": self.if_exists},
        )


class CreateSchema(ExecutableDDLElement):
    def __init__(self, name, if_not_exists=False):
        self.element = name
        self.if_not_exists = if_not_exists

    def _operation(self):
        return ("create_schema", {"name": ident(self.element), "if_not_exists": self.if_not_exists})


class DropSchema(ExecutableDDLElement):
    def __init__(self, name, cascade=False, if_exists=False):
        self.element = name
        self.cascade = cascade
        self.if_exists = if_exists

    def _operation(self):
        return ("drop_schema", {"name": ident(self.element), "if_exists": self.if_exists, "cascade": self.cascade})


class CreateSequence(ExecutableDDLElement):
    def __init__(self, element, if_not_exists=False):
        self.element = element
        self.if_not_exists = if_not_exists

    def _operation(self):
        return ("create_sequence", {"sequence": self.element._data(), "if_not_exists": self.if_not_exists})


class DropSequence(ExecutableDDLElement):
    def __init__(self, element, if_exists=False):
        self.element = element
        self.if_exists = if_exists

    def _operation(self):
        return ("drop_sequence", {"name": table_name(self.element.name, self.element.schema), "if_exists": self.if_exists})
