"""Names of `alembic_utils.exceptions`."""


class AlembicUtilsException(Exception):
    pass


class SQLParseFailure(AlembicUtilsException):
    pass


class FailedToGenerateComparable(AlembicUtilsException):
    pass


class UnreachableException(AlembicUtilsException):
    pass


class BadInputException(AlembicUtilsException):
    pass
