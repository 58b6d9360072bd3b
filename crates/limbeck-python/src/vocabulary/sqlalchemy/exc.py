"""The exceptions of `sqlalchemy.exc`."""

import _limbeck


class HasDescriptionCode:
    code = None

    def __init__(self, *arg, **kw):
        code = kw.pop("code", None)
        if code is not None:
            self.code = code
        super().__init__(*arg, **kw)


class SQLAlchemyError(HasDescriptionCode, Exception):
    """Every error of SQLAlchemy."""

    @classmethod
    def _from_host(cls, message, statement=None, sqlstate=None, details=(), hint=None):
        error = cls(message)
        error.hint = hint
        return error


class EmulatedDBAPIException(Exception):
    """Stands for the driver's own exception, `error.orig`."""

    pgcode = None
    sqlstate = None
    pgerror = None

    def __init__(self, *args):
        super().__init__(*args)
        self.diag = _Diag()


class _Diag:
    message_primary = None
    message_detail = None
    message_hint = None
    sqlstate = None
    constraint_name = None
    table_name = None
    column_name = None
    schema_name = None


class ArgumentError(SQLAlchemyError):
    pass


class DuplicateColumnError(ArgumentError):
    pass


class ObjectNotExecutableError(ArgumentError):
    def __init__(self, target):
        super().__init__("Not an executable object: %r" % (target,))
        self.target = target


class NoSuchModuleError(ArgumentError):
    pass


class NoForeignKeysError(ArgumentError):
    pass


class AmbiguousForeignKeysError(ArgumentError):
    pass


class ConstraintColumnNotFoundError(ArgumentError):
    pass


class CircularDependencyError(SQLAlchemyError):
    def __init__(self, message, cycles, edges, msg=None, code=None):
        super().__init__(message if msg is None else msg)
        self.cycles = cycles
        self.edges = edges


class CompileError(SQLAlchemyError):
    pass


class UnsupportedCompilationError(CompileError):
    pass


class IdentifierError(SQLAlchemyError):
    pass


class DisconnectionError(SQLAlchemyError):
    pass


class InvalidatePoolError(DisconnectionError):
    pass


class TimeoutError(SQLAlchemyError):
    pass


class InvalidRequestError(SQLAlchemyError):
    pass


class IllegalStateChangeError(InvalidRequestError):
    pass


class NoInspectionAvailable(InvalidRequestError):
    pass


class PendingRollbackError(InvalidRequestError):
    pass


class ResourceClosedError(InvalidRequestError):
    pass


class NoSuchColumnError(InvalidRequestError, KeyError):
    def __str__(self):
        return str(self.args[0]) if self.args else ""


class AmbiguousColumnError(InvalidRequestError):
    pass


class NoResultFound(InvalidRequestError):
    pass


class MultipleResultsFound(InvalidRequestError):
    pass


class NoReferenceError(InvalidRequestError):
    pass


class AwaitRequired(InvalidRequestError):
    pass


class MissingGreenlet(InvalidRequestError):
    pass


class NoReferencedTableError(NoReferenceError):
    def __init__(self, message, tname=None):
        super().__init__(message)
        self.table_name = tname


class NoReferencedColumnError(NoReferenceError):
    def __init__(self, message, tname=None, cname=None):
        super().__init__(message)
        self.table_name = tname
        self.column_name = cname


class NoSuchTableError(InvalidRequestError):
    pass


class UnreflectableTableError(InvalidRequestError):
    pass


class UnboundExecutionError(InvalidRequestError):
    pass


class DontWrapMixin:
    pass


class StatementError(SQLAlchemyError):
    """An error while a statement ran, with the statement, its parameters and the driver's exception."""

    statement = None
    params = None
    orig = None
    ismulti = None
    connection_invalidated = False

    def __init__(self, message, statement=None, params=None, orig=None, hide_parameters=False, code=None, ismulti=None):
        super().__init__(message)
        self.statement = statement
        self.params = params
        self.orig = orig
        self.hide_parameters = hide_parameters
        self.detail = []

    def add_detail(self, msg):
        self.detail.append(msg)

    def __str__(self):
        text = "%s" % (self.args[0] if self.args else "",)
        for line in self.detail:
            text += "\n(%s)" % line
        if self.statement:
            text += "\n[SQL: %s]" % self.statement
            if self.params:
                text += "\n[parameters: %r]" % (self.params,)
        return text


def _driver_class(driver, fallback, sqlstate):
    """The class the driver itself raises: psycopg has one for each SQLSTATE."""
    if sqlstate and driver in ("psycopg2", "psycopg", "psycopg2cffi"):
        from . import _pgerrors

        name = _pgerrors.name_of(sqlstate)
        if name:
            return "errors." + name
    return fallback


class DBAPIError(StatementError):
    def __init__(self, statement=None, params=None, orig=None, hide_parameters=False, connection_invalidated=False, code=None, ismulti=None, message=None):
        if orig is None:
            orig = EmulatedDBAPIException(message or "")
        if message is None:
            message = str(orig)
        driver = "sqlite3" if _limbeck.context.get("dialect") == "sqlite" else (_limbeck.context.get("driver") or "psycopg2")
        super().__init__("(%s.%s) %s" % (driver, _driver_class(driver, type(self).__name__, getattr(orig, "sqlstate", None)), message), statement, params, orig)
        self.connection_invalidated = connection_invalidated

    @classmethod
    def _from_host(cls, message, statement=None, sqlstate=None, details=(), hint=None):
        lines = [message]
        lines.extend(details or ())
        orig = EmulatedDBAPIException("\n".join(lines))
        orig.pgcode = orig.sqlstate = sqlstate
        orig.sqlite_errorname = sqlstate
        orig.pgerror = "\n".join(lines)
        orig.diag.message_primary = message
        orig.diag.sqlstate = sqlstate
        error = cls(statement, None, orig)
        error.hint = hint
        return error


class InterfaceError(DBAPIError):
    pass


class DatabaseError(DBAPIError):
    pass


class DataError(DatabaseError):
    pass


class OperationalError(DatabaseError):
    pass


class IntegrityError(DatabaseError):
    pass


class InternalError(DatabaseError):
    pass


class ProgrammingError(DatabaseError):
    pass


class NotSupportedError(DatabaseError):
    pass


class SATestSuiteWarning(Warning):
    pass


class SADeprecationWarning(DeprecationWarning):
    pass


class Base20DeprecationWarning(SADeprecationWarning):
    pass


class MovedIn20Warning(Base20DeprecationWarning):
    pass


RemovedIn20Warning = Base20DeprecationWarning


class SAPendingDeprecationWarning(PendingDeprecationWarning):
    pass


class SAWarning(RuntimeWarning):
    pass


class NotSupportedYet(NotImplementedError):
    """An operation that the dialect refuses."""

    @classmethod
    def _from_host(cls, message, statement=None, sqlstate=None, details=(), hint=None):
        return NotImplementedError(message)


class _HostValueError(ValueError):
    @classmethod
    def _from_host(cls, message, statement=None, sqlstate=None, details=(), hint=None):
        return ValueError(message)


_kinds = {
    "ProgrammingError": ProgrammingError,
    "OperationalError": OperationalError,
    "IntegrityError": IntegrityError,
    "DataError": DataError,
    "InternalError": InternalError,
    "NotSupportedError": NotSupportedError,
    "InterfaceError": InterfaceError,
    "DatabaseError": DatabaseError,
    "CompileError": CompileError,
    "ArgumentError": ArgumentError,
    "InvalidRequestError": InvalidRequestError,
    "NoSuchTableError": NoSuchTableError,
    "NotImplementedError": NotSupportedYet,
    "ValueError": _HostValueError,
}
_limbeck.set_exceptions(_kinds)
