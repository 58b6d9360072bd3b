"""Writes down what real Alembic makes of the pairs: `python record.py POSTGRESQL_URL` in an environment with Alembic, SQLAlchemy and psycopg2.

A pair is one file: what the database was made from, a line `# wanted`, and the models. Its first line names the dialects, its second may give arguments
of `context.configure()`, which find `models` imported. The database is emptied for every pair.
"""

import importlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import sqlalchemy as sa

HERE = pathlib.Path(__file__).parent
ENV = """import sys
from alembic import context
from sqlalchemy import create_engine, pool

sys.path.insert(0, {root!r})
import models

with create_engine({url!r}, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, target_metadata=getattr(models, "several", None) or models.metadata, {options})
    with context.begin_transaction():
        context.run_migrations()
"""
MAKO = "${imports if imports else ''}\nrevision = ${repr(up_revision)}\ndown_revision = None\n\ndef upgrade():\n    ${upgrades}\n\ndef downgrade():\n    ${downgrades}\n"
EMPTY = 'DROP SCHEMA IF EXISTS app CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE SCHEMA app'


def statements(source, url):
    """The statements that make the first half's tables; they are run too."""
    made = []
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if url.startswith("postgresql"):
            for statement in EMPTY.split("; "):
                connection.exec_driver_sql(statement)
    sa.event.listen(engine, "before_cursor_execute", lambda c, cursor, statement, *more: made.append(statement.strip()))
    names = {}
    exec(compile(source, "before", "exec"), names)
    names["metadata"].create_all(engine, checkfirst=False)
    engine.dispose()
    return made


def written(text):
    """What differs from revision to revision: the imports and both bodies."""
    imports = re.findall(r"(?m)^(?:from \S+ import \S+|import .*)$", text)
    bodies = re.findall(r"    # ### commands auto generated.*?# ### end Alembic commands ###", text, re.S)
    return {"imports": [line for line in imports if line not in ("from alembic import op", "import sqlalchemy as sa")], "upgrade": bodies[0], "downgrade": bodies[1]}


def main():
    for path in sorted(HERE.glob("*.py")):
        if path.name == "record.py":
            continue
        text = path.read_text()
        before, wanted = text.split("# wanted\n")
        dialects, options = re.match(r"# (.*)\n(?:# options: (.*)\n)?", text).groups()
        for dialect in dialects.split():
            with tempfile.TemporaryDirectory() as root:
                url = sys.argv[1] if dialect == "postgresql" else "sqlite:///%s/app.db" % root
                ddl = statements(before, url)
                pathlib.Path(root, "models.py").write_text(wanted)
                versions = pathlib.Path(root, "migrations/versions")
                versions.mkdir(parents=True)
                pathlib.Path(root, "migrations/env.py").write_text(ENV.format(root=root, url=url, options=options or ""))
                pathlib.Path(root, "migrations/script.py.mako").write_text(MAKO)
                pathlib.Path(root, "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
                command = [sys.executable, "-m", "alembic", "revision", "--autogenerate", "-m", "pair"]
                # Sets of names come in another order every time; one order is as good as another.
                done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=dict(os.environ, PYTHONHASHSEED="0"))
                assert done.returncode == 0, done.stderr
                (file,) = versions.glob("*.py")
                recorded = {"ddl": ddl, **written(file.read_text())}
                path.with_suffix(".%s.json" % dialect).write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
