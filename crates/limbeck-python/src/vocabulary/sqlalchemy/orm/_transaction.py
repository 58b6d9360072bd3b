"""Blocks of a session: transactions, savepoints, and spells without flushing."""

from ._instances import state_of


class Quiet:
    def __init__(self, session):
        self.session = session

    def __enter__(self):
        self.session._quiet += 1
        return self.session

    def __exit__(self, *exc_info):
        self.session._quiet -= 1
        return False


class SessionTransaction:
    """`session.begin()` and `session.begin_nested()`."""

    def __init__(self, session, nested):
        self.session = session
        self.nested = nested
        session.flush()
        self._savepoint = session.connection().begin_nested() if nested else None

    is_active = True

    def commit(self):
        self.session.flush()
        if self._savepoint is not None:
            self._savepoint.commit()
        else:
            self.session.commit()

    def rollback(self):
        if self._savepoint is not None:
            for obj in list(self.session._new.values()):
                state_of(obj).session = None
            for known in (self.session._new, self.session._dirty, self.session._deleted):
                known.clear()
            self.session.expire_all()
            self._savepoint.rollback()
        else:
            self.session.rollback()

    def close(self, invalidate=False):
        pass

    def __enter__(self):
        return self.session if not self.nested else self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self.commit()
        else:
            self.rollback()
        return False


SessionTransactionOrigin = SessionTransaction
