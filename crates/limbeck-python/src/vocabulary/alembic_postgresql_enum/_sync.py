"""Exchanges an enum type for one with other values, and every column that uses it."""

import re

from sqlalchemy import text

from .get_enum_data.types import ColumnType, TableReference, Unspecified


def column_default(connection, schema, table, column):
    """A column's default in the server's words."""
    found = connection.execute(
        text(
            "SELECT column_default FROM information_schema.columns WHERE table_schema = :schema AND table_name = :table AND column_name = :column"
        ).bindparams(schema=schema, table=table, column=column)
    )
    return found.scalar() if found is not None else None


def references(connection, schema, columns):
    """The columns as references; those of older scripts are tuples, whose defaults the database knows."""
    found = []
    for column in columns:
        if isinstance(column, tuple):
            table, name = column[:2]
            kind = column[2] if len(column) > 2 else ColumnType.COMMON
            found.append(TableReference(table, name, schema, kind, column_default(connection, schema, table, name)))
        elif isinstance(column, TableReference):
            own = schema if column.table_schema is Unspecified else column.table_schema
            found.append(TableReference(column.table_name, column.column_name, own, column.column_type, column.existing_server_default))
        else:
            raise ValueError("Affected columns must contain tuples or TableReferences")
    return found


def _renamed_default(default, schema, name, renames):
    type_ = "%s.%s" % (schema, name) if schema else name
    array = default.startswith("ARRAY[")
    value = default if array else default.partition("::")[0]
    for old, new in renames:
        value = value.replace("'%s'" % old, "'%s'" % new).replace('"%s"' % old, '"%s"' % new)
    if array:
        return re.sub(r"::[.\w]+", "::" + type_, value)
    return "%s::%s%s" % (value, type_, "[]" if default.endswith("[]") else "")


def _cast(reference, type_, renames):
    column = reference.escaped_column_name
    if reference.column_type is ColumnType.ARRAY:
        using = column + "::text[]"
        for old, new in renames:
            using = "array_replace(%s, '%s', '%s')" % (using, old, new)
        return "TYPE %s[] USING %s::%s[]" % (type_, using, type_)
    plain = "%s::text::%s" % (column, type_)
    if not renames:
        return "TYPE %s USING %s" % (type_, plain)
    cases = " ".join("WHEN %s::text = '%s' THEN '%s'::%s" % (column, old, new, type_) for old, new in renames)
    return "TYPE %s USING CASE %s ELSE %s END" % (type_, cases, plain)


def _operators(schema, new, old, renames):
    """Comparisons between both types, for conditions that hold while columns change one after the other: (create, drop)."""
    create, drop = [], []
    for sign, name in (("!=", "new_old_not_equals"), ("=", "new_old_equals")):
        function = '"%s".%s' % (schema, name)
        value = "old_enum_val::text"
        if renames:
            value = "CASE %s ELSE %s END" % (" ".join("WHEN %s = '%s' THEN '%s'" % (value, before, after) for before, after in renames), value)
        create.append(
            "CREATE FUNCTION %s(new_enum_val %s, old_enum_val %s) RETURNS boolean AS $$ SELECT new_enum_val::text %s %s; $$ LANGUAGE SQL IMMUTABLE"
            % (function, new, old, sign, value)
        )
        create.append('CREATE OPERATOR "%s".%s (leftarg = %s, rightarg = %s, procedure = %s)' % (schema, sign, new, old, function))
        drop.append('DROP OPERATOR IF EXISTS "%s".%s (%s, %s)' % (schema, sign, new, old))
        drop.append("DROP FUNCTION %s(new_enum_val %s, old_enum_val %s)" % (function, new, old))
    return create, drop


def exchange(connection, schema, name, values, columns, renames, indexes):
    from sqlalchemy.exc import DataError

    def run(sql):
        connection.execute(text(sql))

    new, old = '"%s"."%s"' % (schema, name), '"%s"."%s_old"' % (schema, name)
    indexes = [index._renamed(schema, name, renames) for index in indexes]
    create, drop = _operators(schema, new, old, renames)
    run('ALTER TYPE %s RENAME TO "%s_old"' % (new, name))
    run("CREATE TYPE %s AS ENUM(%s)" % (new, ", ".join("'%s'" % value for value in values)))
    for sql in create:
        run(sql)
    for index in indexes:
        run(index._drop())
    for column in columns:
        alter = "ALTER TABLE %s ALTER COLUMN %s " % (column.table_name_with_schema, column.escaped_column_name)
        default = column.existing_server_default
        if default is not None:
            run(alter + "DROP DEFAULT")
        try:
            run(alter + _cast(column, new, renames))
        except DataError as error:
            raise ValueError(
                "rows of %s.%s hold a value that type %s no longer has: rename it with enum_values_to_rename, or change those rows first"
                % (column.table_name, column.column_name, name)
            ) from error
        if default is not None:
            run(alter + "SET DEFAULT " + _renamed_default(default, schema, name, renames))
    for sql in drop:
        run(sql)
    run("DROP TYPE " + old)
    for index in indexes:
        run(index.definition)
