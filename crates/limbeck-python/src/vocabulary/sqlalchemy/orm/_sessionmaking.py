"""What makes sessions: `sessionmaker`, `scoped_session`."""

from ._query import Query
from ._session import Session


class sessionmaker:
    """Makes sessions with settings."""

    def __init__(self, bind=None, *, class_=Session, autoflush=True, expire_on_commit=True, info=None, **kw):
        self.class_ = class_
        self.kw = dict(kw, bind=bind, autoflush=autoflush, expire_on_commit=expire_on_commit)
        if info is not None:
            self.kw["info"] = info

    def __call__(self, **local_kw):
        return self.class_(**dict(self.kw, **local_kw))

    def begin(self):
        return _BegunSession(self())

    def configure(self, **new_kw):
        self.kw.update(new_kw)

    @classmethod
    def __class_getitem__(cls, item):
        return cls


class _BegunSession:
    def __init__(self, session):
        self.session = session

    def __enter__(self):
        return self.session

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self.session.commit()
        else:
            self.session.rollback()
        self.session.close()
        return False


class scoped_session:
    """One session, made when it is first needed."""

    def __init__(self, session_factory, scopefunc=None):
        self.session_factory = session_factory
        self._current = None

    def __call__(self, **kw):
        if self._current is None:
            self._current = self.session_factory(**kw)
        return self._current

    def remove(self):
        if self._current is not None:
            self._current.close()
            self._current = None

    def configure(self, **kw):
        self.session_factory.configure(**kw)

    def query_property(self, query_cls=None):
        return _QueryProperty(self, query_cls)

    @property
    def registry(self):
        return self

    def has(self):
        return self._current is not None

    def __contains__(self, instance):
        return instance in self()

    def __iter__(self):
        return iter(self())

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self(), name)


ScopedSession = scoped_session


class _QueryProperty:
    def __init__(self, scoped, query_cls):
        self.scoped, self.query_cls = scoped, query_cls

    def __get__(self, instance, owner):
        if getattr(owner, "__mapper__", None) is None:
            return None
        return (self.query_cls or Query)([owner], self.scoped())
