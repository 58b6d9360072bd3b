"""Sessions, queries and relationships on a real SQLite database. Run: python3 orm.py"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "src", "vocabulary")]

import _limbeck
import sqlite_host

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.declarative import declarative_base as old_declarative_base
from sqlalchemy.orm import DeclarativeBase, Mapped, backref, declarative_base, declared_attr, mapped_column, relationship

_limbeck.context.update({"dialect": "sqlite", "driver": "pysqlite", "offline": False, "learn": False})
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def database(*bases):
    """A fresh database with the tables of these bases, and a session on it."""
    db = sqlite_host.Database()
    _limbeck.on_execute = db.execute
    _limbeck.operation = db.create
    from sqlalchemy._engine import current_connection

    bind = current_connection()
    for base in bases:
        base.metadata.create_all(bind, checkfirst=False)
    return db, orm.Session(bind=bind)


def equal(found, expected):
    assert found == expected, "\n  found    %r\n  expected %r" % (found, expected)


# ---- models

Base = declarative_base()

links = sa.Table("links", Base.metadata, sa.Column("user_id", sa.ForeignKey("users.id")), sa.Column("tag_id", sa.ForeignKey("tags.id")))


class User(Base):
    __tablename__ = "users"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(20))
    state = sa.Column(sa.String, default="fresh")
    posts = relationship("Post", back_populates="author", cascade="all, delete-orphan", order_by="Post.id")
    tags = relationship("Tag", secondary=links, backref="users")


class Post(Base):
    __tablename__ = "posts"
    id = sa.Column(sa.Integer, primary_key=True)
    title = sa.Column(sa.String)
    author_id = sa.Column("author", sa.Integer, sa.ForeignKey("users.id"))
    author = relationship("User", back_populates="posts")


class Tag(Base):
    __tablename__ = "tags"
    id = sa.Column(sa.Integer, primary_key=True)
    label = sa.Column(sa.String)


class Node(Base):
    __tablename__ = "nodes"
    id = sa.Column(sa.Integer, primary_key=True)
    parent_id = sa.Column(sa.Integer, sa.ForeignKey("nodes.id"))
    children = relationship("Node", backref=backref("parent", remote_side=[id]))


def filled():
    db, session = database(Base)
    db.script(
        """INSERT INTO users VALUES (1, 'ann', 'old'), (2, 'bob', 'old'); INSERT INTO posts VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', NULL);
        INSERT INTO tags VALUES (1, 'x'), (2, 'y'); INSERT INTO links VALUES (1, 1), (1, 2);"""
    )
    return db, session


# ---- reading


@test
def queries_give_objects_and_rows():
    _, session = filled()
    equal([user.name for user in session.query(User).order_by(User.name.desc())], ["bob", "ann"])
    equal(session.query(User.name, User.id).filter(User.id > 1).all(), [("bob", 2)])
    equal(session.query(User.name).first().name, "ann")
    equal(session.query(User).filter_by(name="bob").one().id, 2)
    equal(session.query(User).filter_by(name="nobody").first(), None)
    equal(session.query(User).count(), 2)
    equal(session.query(sa.func.max(User.id)).scalar(), 2)
    equal(session.query(User).filter(User.name.in_(["ann", "eve"])).count(), 1)
    assert session.query(User).get(1) is session.get(User, 1)
    equal([user.id for user in session.scalars(sa.select(User).where(User.id == 2))], [2])
    equal(session.execute(sa.select(User, Post.title).join(Post, Post.author_id == User.id).order_by(Post.id)).all()[1].title, "b")


@test
def one_row_is_one_object():
    _, session = filled()
    assert session.query(User).filter(User.id == 1).one() is session.query(User).filter(User.name == "ann").one()


@test
def joins_follow_keys_and_relationships():
    _, session = filled()
    equal(session.query(Post.title).join(User).filter(User.name == "ann").all(), [("a",), ("b",)])
    equal(session.query(Post.title).join(Post.author).filter(User.name == "ann").all(), [("a",), ("b",)])
    equal(session.query(Tag.label).select_from(User).join(User.tags).order_by(Tag.id).all(), [("x",), ("y",)])
    equal(session.query(User.name).filter(User.posts.any(Post.title == "b")).all(), [("ann",)])
    equal(session.query(Post.title).filter(Post.author == None).all(), [("c",)])  # noqa: E711
    equal(session.query(Post.title).filter(Post.author.has(name="ann")).count(), 2)
    other = orm.aliased(Post)
    equal(session.query(Post.id, other.id).join(other, other.author_id == Post.author_id).filter(Post.id < other.id).all(), [(1, 2)])
    latest = session.query(Post.author_id, sa.func.max(Post.id).label("last")).group_by(Post.author_id).subquery("latest")
    equal(session.query(Post.title).join(latest, Post.id == latest.c.last).order_by(Post.id).all(), [("b",), ("c",)])


@test
def related_objects_are_loaded_when_they_are_read():
    _, session = filled()
    ann = session.get(User, 1)
    equal([post.title for post in ann.posts], ["a", "b"])
    assert ann.posts[0].author is ann
    equal(sorted(tag.label for tag in ann.tags), ["x", "y"])
    equal([user.name for user in session.get(Tag, 2).users], ["ann"])
    equal(session.get(Post, 3).author, None)


@test
def only_the_columns_asked_for_are_read():
    db, session = filled()
    db.script("ALTER TABLE users DROP COLUMN state")
    equal([user.name for user in session.query(User).options(orm.load_only(User.id, User.name))], ["ann", "bob"])
    equal([user.name for user in session.query(User).options(orm.defer(User.state)).order_by(User.id)], ["ann", "bob"])


# ---- writing


@test
def changes_are_written_at_commit():
    db, session = filled()
    for user in session.query(User):
        user.name = user.name.upper()
    session.get(Post, 1).title = "a"
    session.commit()
    equal(db.rows("SELECT name FROM users ORDER BY id"), [("ANN",), ("BOB",)])
    equal([sql for sql, _ in db.log if sql.startswith('UPDATE "posts"')], [])
    db.script("UPDATE users SET name = 'zoe' WHERE id = 1")
    equal(session.get(User, 1).name, "zoe")


@test
def new_objects_get_keys_and_defaults():
    db, session = filled()
    eve = User(name="eve", posts=[Post(title="new")])
    session.add(eve)
    equal(eve.id, None)
    session.flush()
    equal((eve.id, eve.state, eve.posts[0].author_id), (3, "fresh", 3))
    session.add_all([Post(title="p", author=eve), Tag(id=9, label="z")])
    session.commit()
    equal(db.rows("SELECT title, author FROM posts WHERE id > 3"), [("new", 3), ("p", 3)])
    equal([post.title for post in eve.posts], ["new", "p"])


@test
def both_ends_of_a_relationship_stay_in_step():
    db, session = filled()
    ann, bob = session.query(User).order_by(User.id)
    post = ann.posts[0]
    bob.posts.append(post)
    assert post.author is bob
    equal([item.id for item in ann.posts], [2])
    session.commit()
    equal(db.rows("SELECT author FROM posts WHERE id = 1"), [(2,)])


@test
def orphans_and_members_go_with_their_owner():
    db, session = filled()
    ann = session.get(User, 1)
    del ann.posts[0]
    session.commit()
    equal(db.rows("SELECT id FROM posts ORDER BY id"), [(2,), (3,)])
    session.delete(ann)
    session.commit()
    equal(db.rows("SELECT id FROM posts"), [(3,)])
    equal(db.rows("SELECT count(*) FROM links"), [(0,)])


@test
def links_of_many_to_many_are_written():
    db, session = filled()
    ann, bob, tag = session.get(User, 1), session.get(User, 2), session.get(Tag, 1)
    bob.tags.append(tag)
    ann.tags.remove(tag)
    session.commit()
    equal(db.rows("SELECT user_id, tag_id FROM links ORDER BY 1, 2"), [(1, 2), (2, 1)])
    tag.users = [session.get(User, 1)]
    session.commit()
    equal(db.rows("SELECT user_id, tag_id FROM links ORDER BY 1, 2"), [(1, 1), (1, 2)])


@test
def rows_of_one_table_are_written_parents_first():
    db, session = filled()
    child = Node(parent=Node(parent=Node()))
    session.add(child)
    session.commit()
    equal(db.rows("SELECT id, parent_id FROM nodes ORDER BY id"), [(1, None), (2, 1), (3, 2)])
    equal([node.id for node in session.get(Node, 1).children], [2])


@test
def statements_change_many_rows_and_objects_follow():
    db, session = filled()
    ann = session.get(User, 1)
    equal(session.query(User).filter(User.id == 1).update({User.name: "anna"}), 1)
    equal(ann.name, "anna")
    equal(session.query(User).filter_by(id=1).update({"state": User.name}, synchronize_session=False), 1)
    session.query(Post).filter(Post.author_id.is_(None)).delete()
    session.execute(sa.update(User).where(User.id == 2).values(name="rob"))
    session.execute(sa.delete(Tag).where(Tag.id == 1))
    session.commit()
    equal(db.rows("SELECT name, state FROM users ORDER BY id"), [("anna", "anna"), ("rob", "old")])
    equal(db.rows("SELECT count(*) FROM posts"), [(2,)])


@test
def bulk_writes():
    db, session = filled()
    session.bulk_save_objects([Post(title="x%d" % number, author_id=2) for number in range(3)])
    session.bulk_update_mappings(Post, [{"id": 1, "title": "q"}, {"id": 2, "title": "r", "author_id": None}])
    session.bulk_insert_mappings(Tag, [{"label": "m"}, {"label": "n"}])
    ann = session.get(User, 1)
    ann.name = "bulk"
    session.bulk_save_objects([ann])
    session.commit()
    equal(db.rows("SELECT title, author FROM posts ORDER BY id"), [("q", 1), ("r", None), ("c", None), ("x0", 2), ("x1", 2), ("x2", 2)])
    equal(db.rows("SELECT label FROM tags ORDER BY id"), [("x",), ("y",), ("m",), ("n",)])
    equal(db.rows("SELECT name FROM users WHERE id = 1"), [("bulk",)])
    assert len([sql for sql, _ in db.log if sql.startswith('INSERT INTO "posts"')]) == 1, "one statement for three rows"


@test
def merge_finds_the_row_or_makes_it():
    db, session = filled()
    assert session.merge(User(id=1, name="merged")) is session.get(User, 1)
    session.merge(User(id=7, name="seven"))
    session.commit()
    equal(db.rows("SELECT id, name FROM users ORDER BY id"), [(1, "merged"), (2, "bob"), (7, "seven")])


@test
def rollback_forgets_what_was_not_written():
    _, session = filled()
    ann = session.get(User, 1)
    ann.name = "changed"
    session.add(User(name="new"))
    session.rollback()
    equal((ann.name, list(session.new)), ("ann", []))


# ---- declarative classes


@test
def annotations_give_types_and_nullability():
    import datetime
    import enum
    from typing import List, Optional

    class Color(enum.Enum):
        red = 1

    class New(DeclarativeBase):
        type_annotation_map = {datetime.datetime: sa.DateTime(timezone=True)}

    class Stamped:
        at: Mapped[datetime.datetime]

    class Thing(Stamped, New):
        __tablename__ = "things"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(30))
        note: Mapped[Optional[str]]
        size: Mapped[Optional[float]] = mapped_column(nullable=False)
        color: Mapped[Color]
        owner_id: Mapped[Optional[int]] = mapped_column(sa.ForeignKey("things.id"))
        parts: Mapped[List["Thing"]] = relationship()

    columns = {column.name: (type(column.type).__name__, column.nullable) for column in Thing.__table__.c}
    expected = {
        "id": ("Integer", False), "name": ("String", False), "note": ("String", True), "size": ("Float", False), "color": ("Enum", False),
        "owner_id": ("Integer", True), "at": ("DateTime", False),
    }  # fmt: skip
    equal({name: value for name, value in columns.items() if name != "owner_id"}, {name: value for name, value in expected.items() if name != "owner_id"})
    equal(columns["owner_id"][1], True)
    equal(list(columns), ["id", "name", "note", "size", "color", "owner_id", "at"])
    assert Thing.__table__.c.at.type.timezone


@test
def columns_stand_as_sqlalchemy_orders_them():
    class New(DeclarativeBase):
        base_c = mapped_column(sa.Integer)

    class First:
        m1a = sa.Column(sa.Integer)

        @declared_attr
        def m1b(cls):
            return sa.Column(sa.Integer)

    class Second:
        m2a: Mapped[int]
        m2b = mapped_column(sa.Integer, sort_order=-1)

    class A(First, Second, New):
        __tablename__ = "a"
        z = sa.Column(sa.Integer, primary_key=True)
        y: Mapped[int]
        x = mapped_column(sa.Integer)
        w: Mapped[str] = mapped_column()

    equal([column.name for column in A.__table__.c], ["m2b", "z", "x", "y", "w", "m1a", "m1b", "m2a", "base_c"])


@test
def mixins_abstract_bases_and_table_arguments():
    Old = old_declarative_base()

    class Named:
        @declared_attr
        def __tablename__(cls):
            return cls.__name__.lower()

        @declared_attr
        def owner_id(cls):
            return sa.Column(sa.Integer, sa.ForeignKey("owner.id"))

        @declared_attr
        def owner(cls):
            return relationship("Owner", primaryjoin="%s.owner_id == Owner.id" % cls.__name__, foreign_keys="%s.owner_id" % cls.__name__)

    class Abstract(Old):
        __abstract__ = True
        created = sa.Column(sa.DateTime)

    class Owner(Old):
        __tablename__ = "owner"
        id = sa.Column(sa.Integer)
        __table_args__ = (sa.PrimaryKeyConstraint("id", name="owner_pk"), sa.CheckConstraint("id > 0"), {"sqlite_autoincrement": True})

    class One(Named, Abstract):
        id = sa.Column(sa.Integer, primary_key=True)

    class Two(Named, Abstract):
        id = sa.Column(sa.Integer, primary_key=True)

    equal((One.__table__.name, Two.__table__.name), ("one", "two"))
    assert One.__table__.c.created is not Two.__table__.c.created
    equal(Owner.__mapper__.primary_key_attributes, ["id"])
    assert One.owner.property.mapper.class_ is Owner
    equal(sorted(Old.metadata.tables), ["one", "owner", "two"])


@test
def inheritance_in_one_table_and_in_several():
    New = declarative_base()

    class Animal(New):
        __tablename__ = "animals"
        id = sa.Column(sa.Integer, primary_key=True)
        kind = sa.Column(sa.String)
        __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "animal"}

    class Cat(Animal):
        lives = sa.Column(sa.Integer)
        __mapper_args__ = {"polymorphic_identity": "cat"}

    class Dog(Animal):
        __tablename__ = "dogs"
        id = sa.Column(sa.Integer, sa.ForeignKey("animals.id"), primary_key=True)
        tricks = sa.Column(sa.Integer)
        __mapper_args__ = {"polymorphic_identity": "dog"}

    db, session = database(New)
    session.add_all([Cat(lives=9), Dog(tricks=2), Animal()])
    session.commit()
    equal(db.rows("SELECT id, kind, lives FROM animals ORDER BY id"), [(1, "cat", 9), (2, "dog", None), (3, "animal", None)])
    equal(db.rows("SELECT * FROM dogs"), [(2, 2)])
    session.expunge_all()
    equal([type(item).__name__ for item in session.query(Animal).order_by(Animal.id)], ["Cat", "Dog", "Animal"])
    equal([dog.tricks for dog in session.query(Dog)], [2])
    equal([cat.lives for cat in session.query(Cat)], [9])
    session.query(Dog).one().tricks = 5
    session.commit()
    equal(db.rows("SELECT tricks FROM dogs"), [(5,)])


@test
def hybrids_proxies_synonyms_and_validators():
    from sqlalchemy.ext.associationproxy import association_proxy
    from sqlalchemy.ext.hybrid import hybrid_property

    New = declarative_base()

    class Box(New):
        __tablename__ = "boxes"
        id = sa.Column(sa.Integer, primary_key=True)
        width = sa.Column(sa.Integer)
        height = sa.Column(sa.Integer)
        breadth = orm.synonym("width")
        items = relationship("Item", backref="box")
        labels = association_proxy("items", "label")

        @hybrid_property
        def area(self):
            return self.width * self.height

        @orm.validates("width")
        def positive(self, key, value):
            return abs(value)

    class Item(New):
        __tablename__ = "items"
        id = sa.Column(sa.Integer, primary_key=True)
        label = sa.Column(sa.String)
        box_id = sa.Column(sa.Integer, sa.ForeignKey("boxes.id"))

    _, session = database(New)
    session.add(Box(width=-2, height=3, items=[Item(label="i")]))
    session.commit()
    box = session.query(Box).filter(Box.area == 6).one()
    equal((box.area, box.breadth, list(box.labels)), (6, 2, ["i"]))
    other = orm.aliased(Box)
    equal(session.query(other.area).all(), [(6,)])


@test
def json_kept_in_mutable_dicts_notices_changes():
    from sqlalchemy.ext.mutable import MutableDict

    New = declarative_base()

    class Doc(New):
        __tablename__ = "docs"
        id = sa.Column(sa.Integer, primary_key=True)
        data = sa.Column(MutableDict.as_mutable(sa.JSON))

    db, session = database(New)
    session.add(Doc(data={"a": 1}))
    session.commit()
    doc = session.query(Doc).one()
    doc.data["b"] = 2
    session.commit()
    equal(db.rows("SELECT data FROM docs"), [('{"a": 1, "b": 2}',)])


@test
def a_relationship_to_nowhere_fails_only_when_used():
    New = declarative_base()

    class Lost(New):
        __tablename__ = "lost"
        id = sa.Column(sa.Integer, primary_key=True)
        other_id = sa.Column(sa.Integer, sa.ForeignKey("nowhere.id"))
        other = relationship("Nowhere")

    db, session = database(New)
    session.add(Lost(id=1))
    session.commit()
    try:
        session.query(Lost).one().other
    except sa.exc.InvalidRequestError as error:
        assert "failed to locate a name" in str(error)
    else:
        raise AssertionError("no error")


if __name__ == "__main__":
    failed = 0
    for function in TESTS:
        try:
            function()
        except Exception:
            import traceback

            failed += 1
            print("FAILED", function.__name__)
            traceback.print_exc()
    print("%d tests, %d failed" % (len(TESTS), failed))
    sys.exit(1 if failed else 0)
