"""Impl classes that projects subclass to register a dialect: kept, not used."""


class DefaultImpl:
    __dialect__ = "default"
    transactional_ddl = False

    @classmethod
    def get_by_dialect(cls, dialect):
        return cls


class PostgresqlImpl(DefaultImpl):
    __dialect__ = "postgresql"
    transactional_ddl = True


class SQLiteImpl(DefaultImpl):
    __dialect__ = "sqlite"


class MySQLImpl(DefaultImpl):
    __dialect__ = "mysql"
