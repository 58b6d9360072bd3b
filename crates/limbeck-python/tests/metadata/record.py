"""Writes down what real SQLAlchemy and Alembic make of the models: `python record.py` in an environment with both. One JSON file beside each model file."""

import importlib.util
import json
import pathlib
import sys

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import _repr_type
from alembic.migration import MigrationContext
from sqlalchemy import create_mock_engine

HERE = pathlib.Path(__file__).parent


def load(path):
    spec = importlib.util.spec_from_file_location("models", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["models"] = module
    spec.loader.exec_module(module)
    return module.metadata if isinstance(module.metadata, list) else [module.metadata]


def ddl(metadata, url):
    statements = []
    engine = create_mock_engine(url, lambda sql, *args, **kw: statements.append(str(sql.compile(dialect=engine.dialect)).strip()))
    for table in metadata.sorted_tables:
        table.create(engine, checkfirst=False)
    return sorted(set(statements))


def types(metadata):
    context = AutogenContext(
        MigrationContext.configure(dialect_name="postgresql"), None, {"sqlalchemy_module_prefix": "sa.", "alembic_module_prefix": "op.", "user_module_prefix": None}
    )
    return {"%s.%s" % (table.key, column.name): _repr_type(column.type, context) for table in metadata.sorted_tables for column in table.columns}


def main():
    for path in sorted((HERE / "models").glob("*.py")):
        recorded = []
        try:
            models = load(path)
        except ModuleNotFoundError as error:
            print("%s: not recorded: %s" % (path.name, error))
            continue
        for metadata in models:
            recorded.append(
                {
                    "tables": [table.key for table in metadata.sorted_tables],
                    "columns": {table.key: [column.name for column in table.columns] for table in metadata.sorted_tables},
                    "types": types(metadata),
                    "shown": {"%s.%s" % (table.key, column.name): repr(column.type) for table in metadata.sorted_tables for column in table.columns},
                    "info": {table.key: repr(table.info) for table in metadata.sorted_tables if table.info},
                    "postgresql": ddl(metadata, "postgresql://"),
                    "sqlite": ddl(metadata, "sqlite://"),
                }
            )
        path.with_suffix(".json").write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
