"""Says how to reach each database of the `databases` key, and which models it is compared with."""

import logging
import re
from logging.config import fileConfig

from alembic import context
from sqlalchemy import engine_from_config
from sqlalchemy import pool

# The settings of the configuration file.
config = context.config

# Log as the [loggers] section and its siblings say.
if config.config_file_name is not None:
    fileConfig(config.config_file_name)
logger = logging.getLogger("alembic.env")

# The sections of the ini that describe the databases.
names = [name for name in re.split(r",\s*", config.get_main_option("databases") or "") if name]

# The MetaData of your models, one for each database:
#
#     from myapp import models
#     target_metadata = {"engine1": models.First.metadata, "engine2": models.Second.metadata}
target_metadata = {}


def run_migrations_offline() -> None:
    """Write the SQL of each database to a file of its name (--sql)."""
    for name in names:
        url = context.config.get_section_option(name, "sqlalchemy.url")
        path = "%s.sql" % name
        logger.info("Migrating database %s, writing %s", name, path)
        with open(path, "w") as buffer:
            context.configure(
                url=url,
                output_buffer=buffer,
                target_metadata=target_metadata.get(name),
                literal_binds=True,
                dialect_opts={"paramstyle": "named"},
            )
            with context.begin_transaction():
                context.run_migrations(engine_name=name)


def run_migrations_online() -> None:
    """Run the migrations on all databases; all are rolled back when one fails."""
    engines = {}
    for name in names:
        engine = engine_from_config(
            context.config.get_section(name, {}),
            prefix="sqlalchemy.",
            poolclass=pool.NullPool,
        )
        connection = engine.connect()
        engines[name] = (connection, connection.begin())

    try:
        for name, (connection, _) in engines.items():
            logger.info("Migrating database %s", name)
            context.configure(
                connection=connection,
                upgrade_token="%s_upgrades" % name,
                downgrade_token="%s_downgrades" % name,
                target_metadata=target_metadata.get(name),
            )
            context.run_migrations(engine_name=name)

        for _, transaction in engines.values():
            transaction.commit()
    except BaseException:
        for _, transaction in engines.values():
            transaction.rollback()
        raise
    finally:
        for connection, _ in engines.values():
            connection.close()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
