"""Models over the mixins and column types of OpenStack's `oslo_db`."""

import sqlalchemy as sa
from oslo_db.sqlalchemy import models, types
from oslo_db.sqlalchemy.types import SoftDeleteInteger
from sqlalchemy.orm import declarative_base


class ProjectBase(models.ModelBase, models.TimestampMixin):
    __table_args__ = {"mysql_engine": "InnoDB"}
    __table_initialized__ = False


BASE = declarative_base(cls=ProjectBase)
metadata = BASE.metadata


class Flavor(BASE, models.SoftDeleteMixin):
    __tablename__ = "flavors"
    __table_args__ = (sa.UniqueConstraint("name", "deleted", name="uniq_flavors0name0deleted"),)

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(255), nullable=False)
    extra = sa.Column(types.JsonEncodedDict)
    steps = sa.Column(types.JsonEncodedList(mysql_as_long=True), nullable=False)
    number = sa.Column(SoftDeleteInteger, server_default="0")


class Server(BASE, models.SoftDeleteMixin):
    __tablename__ = "servers"

    id = sa.Column(sa.String(36), primary_key=True)
    flavor_id = sa.Column(sa.Integer, sa.ForeignKey("flavors.id"), index=True)
    notes = sa.Column(types.JsonEncodedDict(mysql_as_medium=True))
