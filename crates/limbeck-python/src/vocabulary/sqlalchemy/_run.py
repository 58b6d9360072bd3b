"""Hands statements to the host."""

import _limbeck

from . import _base
from ._dialect import _context


def _parameter_sets(parameters):
    from .exc import ArgumentError

    if parameters is None:
        return [{}]
    if isinstance(parameters, dict) or hasattr(parameters, "keys"):
        return [dict(parameters)]
    if isinstance(parameters, (list, tuple)):
        made = []
        for entry in parameters:
            if hasattr(entry, "_mapping"):
                entry = entry._mapping
            if not (isinstance(entry, dict) or hasattr(entry, "keys")):
                raise ArgumentError("List argument must consist only of dictionaries")
            made.append(dict(entry))
        return made or [{}]
    raise ArgumentError("mapping or list expected for parameters")


def run_statement(connection, statement, parameters=None):
    """Runs an expression object; gives a result."""
    from ._elements import ClauseElement
    from ._result import CursorResult, no_rows
    from .exc import ObjectNotExecutableError

    if isinstance(statement, str):
        raise ObjectNotExecutableError(statement)
    if hasattr(statement, "__clause_element__") and not isinstance(statement, ClauseElement):
        statement = statement.__clause_element__()
    operation = getattr(statement, "_operation", None)
    if operation is not None:
        run_ddl(connection, operation())
        return no_rows(connection)
    if not hasattr(statement, "_encode_query"):
        if callable(getattr(statement, "next_value", None)):
            from ._selectable import select

            statement = select(statement.next_value())
        elif isinstance(statement, ClauseElement) and custom_ddl(statement) is not None:
            return run_raw(connection, custom_ddl(statement), None)
        elif isinstance(statement, ClauseElement) and hasattr(statement, "type"):
            from ._selectable import select

            statement = select(statement)
        else:
            raise ObjectNotExecutableError(statement)
    from ._selectable import encode_statement

    sets = _parameter_sets(parameters)
    if _context().get("learn"):
        _record_statement(statement)
        return no_rows(connection)
    answers = [_limbeck.execute(encode_statement(statement, values)) for values in sets]
    answer = answers[-1]
    if len(answers) > 1:
        counts = [one.get("rowcount", -1) for one in answers]
        rows = [row for one in answers for row in one.get("rows") or ()]
        answer = dict(answer, rowcount=sum(counts) if min(counts) >= 0 else -1, rows=rows)
    return CursorResult(answer, statement, connection)


def _record_statement(statement):
    from ._printing import text_of

    try:
        text = statement.text if hasattr(statement, "text") else text_of(statement)
    except Exception:
        text = "(%s)" % type(statement).__name__
    _limbeck.record("statement", text)


def run_raw(connection, sql, parameters=None):
    """Runs text as the driver would."""
    from ._result import CursorResult, no_rows

    if _context().get("learn"):
        _limbeck.record("statement", sql)
        return no_rows(connection)
    sets = [parameters]
    if isinstance(parameters, list) and parameters and isinstance(parameters[0], (list, tuple, dict)):
        sets = parameters
    answer = None
    for values in sets:
        answer = _limbeck.execute(_raw_query(sql, values))
    return CursorResult(answer, None, connection)


def _raw_query(sql, values):
    if not values:
        return ("raw", {"sql": sql})
    if isinstance(values, dict):
        # Drivers take `%(name)s` or `:name`; both become named parameters of text.
        text = sql.replace("\\", "\\\\").replace(":", "\\:") if "%(" in sql else sql
        for name in values:
            text = text.replace("%%(%s)s" % name, ":%s" % name)
        if "%(" in sql:
            text = text.replace("%%", "%").replace("\\\\", "\\")
        binds = [{"name": name, "value": _base.literal(value)} for name, value in values.items()]
        return ("text", {"sql": text, "binds": binds})
    if _base.dialect_name() == "sqlite":
        return ("raw", {"sql": sql, "params": [_base.literal(value) for value in values]})
    parts = sql.replace("%%", "\0").split("%s")
    if len(parts) != len(values) + 1:
        from .exc import ProgrammingError

        raise ProgrammingError(sql, values, None, message="not all arguments converted during string formatting")
    text = parts[0]
    for number, part in enumerate(parts[1:]):
        text += "\1param_%d" % (number + 1) + part
    text = text.replace("\\", "\\\\").replace(":", "\\:").replace("\1", ":").replace("\0", "%").replace("\\\\", "\\")
    return ("text", {"sql": text, "binds": [{"name": "param_%d" % (number + 1), "value": _base.literal(value)} for number, value in enumerate(values)]})


def run_effect(statement):
    """Runs (or prints) a statement for its effect."""
    operation = getattr(statement, "_operation", None)
    if operation is not None:
        run_ddl(None, operation())
        return
    if not hasattr(statement, "_encode_query"):
        from ._elements import ClauseElement

        text = custom_ddl(statement) if isinstance(statement, ClauseElement) else None
        if text is not None:
            query = ("raw", {"sql": text})
        elif isinstance(statement, ClauseElement) and hasattr(statement, "clauses"):
            from ._selectable import encode_statement, select

            query = encode_statement(select(statement))
        else:
            from .exc import ObjectNotExecutableError

            raise ObjectNotExecutableError(statement)
    else:
        from ._selectable import encode_statement

        query = encode_statement(statement)
    if _context().get("learn"):
        _record_statement(statement)
        return
    options = getattr(statement, "_execution_options", None) or {}
    _limbeck.operation(("execute", {"query": query, "autocommit": _autocommit_option(options)}))


def _autocommit_option(options):
    return bool(options.get("autocommit")) or str(options.get("isolation_level", "")).upper() == "AUTOCOMMIT"


def custom_ddl(statement):
    """The text of a statement class of the script's own (`@compiles`), or None."""
    from ._types import custom_text

    return custom_text(statement)


def run_ddl(bind, operation):
    """Runs an operation that a schema object stands for."""
    if _context().get("learn"):
        _limbeck.record("operation", operation[0])
        return
    check_hooks(operation[0])
    _limbeck.operation(operation)


_HOOKED = {
    "create_table": "CreateTable", "drop_table": "DropTable", "create_index": "CreateIndex", "drop_index": "DropIndex",
    "create_constraint": "AddConstraint", "drop_constraint": "DropConstraint", "add_column": "AddColumn", "drop_column": "DropColumn",
    "rename_table": "RenameTable", "create_schema": "CreateSchema", "drop_schema": "DropSchema",
}  # fmt: skip


def check_hooks(tag):
    """Refuses an operation whose statement the script rewrites with `@compiles`: that text never reaches Rust."""
    hooks = _base.compiled_builtins
    if hooks and (_HOOKED.get(tag) in hooks or (tag == "create_table" and "CreateColumn" in hooks)):
        raise _base.unsupported("@compiles(%s)" % _HOOKED[tag])
