"""Records what SQLAlchemy's inspector reports about the schemas beside this file.

Run by hand when a schema changes, with SQLAlchemy 2.1 and psycopg2:

    python record.py sqlite > sqlite.json
    python record.py postgresql://user@/db?host=... > postgresql.json      (an empty database, PostgreSQL 15)

`tests/inspect.rs` compares Limbeck's answers with the files. Both look at another directory when LIMBECK_INSPECT names one, to compare other schemas.
"""

import json
import os
import pathlib
import sys
import warnings

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN

HERE = pathlib.Path(os.environ.get("LIMBECK_INSPECT") or pathlib.Path(__file__).parent)
KEYS = "length precision scale timezone collation fields varying name schema enums item_type data_type not_null default check constraint_name".split()


def type_text(kind):
    if kind is None or isinstance(kind, sa.types.NullType):
        return "NULL"
    parts = []
    for key in KEYS:
        value = getattr(kind, key, None)
        if key == "name" and not isinstance(kind, (sa.Enum, DOMAIN)):
            continue
        if value is None or value is False or (key == "enums" and not isinstance(kind, sa.Enum)):
            continue
        if key == "length" and isinstance(kind, sa.Enum):
            continue
        if isinstance(value, sa.types.TypeEngine):
            value = type_text(value)
        if isinstance(value, (list, tuple)):
            value = "|".join(value)
        parts.append(f"{key}={value}")
    # The argument of TIMESTAMP(3) in SQLite ends up in `timezone`; only its truth counts.
    parts = ["timezone=True" if part.startswith("timezone=") else part for part in parts]
    return type(kind).__name__ + (f"({','.join(parts)})" if parts else "")


def text(value):
    return None if value is None else str(value)


def table(inspector, name, schema):
    options = inspector.get_table_options(name, schema=schema)
    pk = inspector.get_pk_constraint(name, schema=schema)
    columns = []
    for column in inspector.get_columns(name, schema=schema):
        entry = {
            "name": column["name"],
            "type": type_text(column["type"]),
            "nullable": column["nullable"],
            "default": text(column["default"]),
            "comment": column.get("comment"),
        }
        if "computed" in column:
            entry["computed"] = [column["computed"]["sqltext"], column["computed"]["persisted"]]
        if "identity" in column:
            identity = column["identity"]
            entry["identity"] = [identity[key] for key in ("always", "start", "increment", "minvalue", "maxvalue", "cache", "cycle")]
        if "autoincrement" in column:
            entry["autoincrement"] = column["autoincrement"]
        columns.append(entry)
    def kept(given):
        # An empty list and False are what no option means.
        options = {}
        for key, value in (given or {}).items():
            if isinstance(value, dict):
                options[key] = dict(value)
            elif isinstance(value, (list, tuple)):
                options[key] = list(value)
            elif value is not None and value is not False:
                options[key] = text(value)
        return {key: value for key, value in options.items() if value != []}

    return {
        "columns": columns,
        "primary_key": [pk["name"], pk["constrained_columns"], kept(pk.get("dialect_options"))] if pk["constrained_columns"] else None,
        "foreign_keys": [
            [key["name"], key["constrained_columns"], key["referred_schema"], key["referred_table"], key["referred_columns"], kept(key["options"])]
            for key in inspector.get_foreign_keys(name, schema=schema)
        ],
        "uniques": [[key["name"], key["column_names"], kept(key.get("dialect_options"))] for key in inspector.get_unique_constraints(name, schema=schema)],
        "checks": [[check["name"], check["sqltext"], kept(check.get("dialect_options"))] for check in inspector.get_check_constraints(name, schema=schema)],
        "indexes": [
            [
                index["name"],
                index.get("expressions") or index["column_names"],
                bool(index["unique"]),
                {key: list(value) for key, value in index.get("column_sorting", {}).items()},
                kept(index.get("dialect_options")),
            ]
            for index in inspector.get_indexes(name, schema=schema)
            if "duplicates_constraint" not in index
        ],
        "comment": inspector.get_table_comment(name, schema=schema)["text"] if inspector.dialect.supports_comments else None,
        "options": kept(options),
    }


def main(url):
    warnings.simplefilter("ignore")
    engine = sa.create_engine("sqlite://" if url == "sqlite" else url)
    script = (HERE / f"{engine.dialect.name}.sql").read_text()
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.executescript(script)
        else:
            connection.connection.cursor().execute(script)
        inspector = sa.inspect(connection)
        tables = {}
        for schema in [None] + [name for name in inspector.get_schema_names() if name == "crm"]:
            for name in sorted(inspector.get_table_names(schema=schema)):
                tables[f"{schema}.{name}" if schema else name] = table(inspector, name, schema)
        facts = {
            "tables": tables,
            "views": sorted(inspector.get_view_names()),
            "schemas": inspector.get_schema_names(),
            "default_schema": inspector.default_schema_name,
        }
        if engine.dialect.name == "postgresql":
            facts["materialized_views"] = sorted(inspector.get_materialized_view_names())
            facts["sequences"] = sorted(inspector.get_sequence_names())
            facts["enums"] = [[enum["name"], enum["labels"]] for enum in inspector.get_enums()]
        json.dump(facts, sys.stdout, indent=1, ensure_ascii=False, default=str)
        print()
        connection.rollback()


main(sys.argv[1])
