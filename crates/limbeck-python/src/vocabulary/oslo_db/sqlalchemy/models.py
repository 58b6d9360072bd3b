"""The base and the mixins of `oslo_db`."""

import datetime

from sqlalchemy import Column, DateTime
from sqlalchemy.orm import object_mapper

from . import types


def _now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


class ModelBase:
    """Rows that can be read like dictionaries."""

    __table_initialized__ = False
    _extra_keys = ()

    def save(self, session):
        session.add(self)
        session.flush()

    def __getitem__(self, key):
        return getattr(self, key)

    def __setitem__(self, key, value):
        setattr(self, key, value)

    def __contains__(self, key):
        return hasattr(self, key)

    def __iter__(self):
        names = [*dict(object_mapper(self).columns), *self._extra_keys]
        return iter([(name, getattr(self, name)) for name in names])

    def get(self, key, default=None):
        return getattr(self, key, default)

    def update(self, values):
        for key, value in values.items():
            setattr(self, key, value)

    def _as_dict(self):
        found = dict(self)
        found.update((key, value) for key, value in self.__dict__.items() if not key.startswith("_"))
        return found

    def items(self):
        return self._as_dict().items()

    def keys(self):
        return [key for key, _ in self.items()]


class TimestampMixin:
    created_at = Column(DateTime, default=_now)
    updated_at = Column(DateTime, onupdate=_now)


class SoftDeleteMixin:
    deleted_at = Column(DateTime)
    deleted = Column(types.SoftDeleteInteger, default=0)

    def soft_delete(self, session):
        self.deleted = self.id
        self.deleted_at = _now()
        self.save(session=session)
