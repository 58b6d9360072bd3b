"""Expressions and statements, each with the text real SQLAlchemy 2.1.9 gives.

Run with `--real` under a Python that has SQLAlchemy to record what it says; otherwise the recorded texts are compared.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REAL = "--real" in sys.argv
if not REAL:
    sys.path[:0] = [os.path.join(HERE, "../../src/vocabulary"), HERE]

import sqlalchemy as sa  # noqa: E402
from sqlalchemy.dialects import postgresql, sqlite  # noqa: E402

m = sa.MetaData()
parent = sa.Table("parent", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)), sa.Column("flag", sa.Boolean))
child = sa.Table(
    "child", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("pid", sa.ForeignKey("parent.id")), sa.Column("n", sa.Integer),
    sa.Column("data", sa.JSON), sa.Column("when", sa.DateTime), sa.Column("price", sa.Numeric(10, 2)),
)  # fmt: skip
t = sa.table("t", sa.column("a", sa.Integer), sa.column("b", sa.Integer), sa.column("s", sa.String), sa.column("x"), sa.column("f", sa.Boolean))
a, b, s, x, f = t.c.a, t.c.b, t.c.s, t.c.x, t.c.f
pa = parent.alias("pa")

CASES = [
    lambda: a + b - 1,
    lambda: a - (b - 1),
    lambda: a - b - 1,
    lambda: (a - b) - 1,
    lambda: (a + b) * 2,
    lambda: a + b * 2,
    lambda: a + b + a + 3,
    lambda: a * b * 2,
    lambda: -(a + b),
    lambda: -a,
    lambda: a % 2 == 0,
    lambda: (a == 1) & (b == 2),
    lambda: sa.or_(sa.and_(a == 1, b == 2), a == 3),
    lambda: sa.and_(sa.or_(a == 1, b == 2), a == 3),
    lambda: sa.and_(a == 1, sa.and_(b == 2, a == 3)),
    lambda: sa.not_(a == 1),
    lambda: sa.not_(sa.and_(a == 1, b == 2)),
    lambda: ~f,
    lambda: sa.and_(f, a == 1),
    lambda: sa.select(a).where(f),
    lambda: sa.select(a).where(~f),
    lambda: sa.not_(s.like("x%")),
    lambda: s.ilike("x%"),
    lambda: s.like("a/%b", escape="/"),
    lambda: s.startswith("x"),
    lambda: s.contains("x", autoescape=True),
    lambda: s.endswith("50%", autoescape=True),
    lambda: sa.select(a).where(s.contains("x")),
    lambda: sa.and_(s.contains("x"), a == 1),
    lambda: sa.not_(s.contains("x")),
    lambda: a.between(1, 5),
    lambda: ~a.between(1, 5),
    lambda: sa.and_(a.between(1, 5), b == 1),
    lambda: a.in_([1, 2, 3]),
    lambda: a.not_in([1, 2]),
    lambda: ~a.in_([1]),
    lambda: a.in_([]),
    lambda: a.in_(sa.select(b).where(b > 3)),
    lambda: a == None,  # noqa: E711
    lambda: a != None,  # noqa: E711
    lambda: f == True,  # noqa: E712
    lambda: f.is_(True),
    lambda: f.is_not(False),
    lambda: f == sa.true(),
    lambda: a.is_distinct_from(b),
    lambda: a.is_distinct_from(None),
    lambda: s + "x",
    lambda: s + "x" + s,
    lambda: "x" + s,
    lambda: s.concat("y") == "z",
    lambda: (s + "x").in_(["a"]),
    lambda: a / b,
    lambda: a / 2,
    lambda: child.c.price / 2,
    lambda: a // b,
    lambda: a.op("&")(4),
    lambda: a.op("&")(4) == 0,
    lambda: s.op("~")("^x"),
    lambda: a.op("+", precedence=7)(4) * 2,
    lambda: sa.func.lower(s) == "x",
    lambda: sa.func.coalesce(a, b, 0) + 1,
    lambda: sa.func.coalesce(s, "none"),
    lambda: sa.func.count(),
    lambda: sa.func.count(sa.distinct(a)),
    lambda: sa.func.count(a.distinct()),
    lambda: sa.func.now(),
    lambda: sa.func.current_timestamp(),
    lambda: sa.func.my_thing(a, 3, "x", None),
    lambda: sa.func.pg_catalog.foo(a),
    lambda: sa.func.sum(a).over(partition_by=b, order_by=a.desc()),
    lambda: sa.func.row_number().over(order_by=[a, b.desc()]),
    lambda: sa.func.count(a).filter(b > 3),
    lambda: sa.cast(a, sa.String(10)),
    lambda: sa.cast("5", sa.Integer) + a,
    lambda: sa.case((a == 1, "one"), (a == 2, "two"), else_="many"),
    lambda: sa.case({1: "one", 2: "two"}, value=a, else_=s),
    lambda: sa.case((a > 5, b + 1), else_=sa.null()),
    lambda: sa.extract("year", child.c.when),
    lambda: s.collate("C"),
    lambda: a.desc().nulls_last(),
    lambda: sa.desc("a"),
    lambda: sa.tuple_(a, b).in_([(1, 2), (3, 4)]),
    lambda: sa.tuple_(a, b) == sa.tuple_(1, 2),
    lambda: sa.literal(5) + a,
    lambda: sa.literal("x"),
    lambda: sa.literal_column("a + b") * 2,
    lambda: sa.text("a > :x").bindparams(x=3),
    lambda: sa.and_(sa.text("a > 1"), b == 2),
    lambda: sa.or_(sa.text("a > 1"), sa.text("b = 2")),
    lambda: sa.exists().where(child.c.pid == parent.c.id),
    lambda: ~sa.exists(sa.select(child.c.id)),
    lambda: sa.bindparam("q", type_=sa.Integer) == a,
    lambda: a == sa.bindparam("q"),
    lambda: a.in_(sa.bindparam("ids", expanding=True)),
    lambda: sa.select(parent),
    lambda: sa.select(parent.c.id, child.c.id),
    lambda: sa.select(parent.c.id, parent.c.id),
    lambda: sa.select(parent.c.id, sa.func.count(child.c.id)).join(child).group_by(parent.c.id).having(sa.func.count(child.c.id) > 1),
    lambda: sa.select(parent.c.id).select_from(parent.join(child)),
    lambda: sa.select(parent.c.id).select_from(parent.outerjoin(child, parent.c.id == child.c.pid)).where(child.c.id == None),  # noqa: E711
    lambda: sa.select(parent.c.id).join(child, child.c.pid == parent.c.id, isouter=True),
    lambda: sa.select(parent.c.id, pa.c.id).where(parent.c.id == pa.c.id),
    lambda: sa.select(a).order_by(a.desc(), s).limit(5).offset(10),
    lambda: sa.select(a).distinct(),
    lambda: sa.select(sa.distinct(a)),
    lambda: sa.select(sa.func.max(a)),
    lambda: sa.select(sa.func.max(a), sa.func.max(b)),
    lambda: sa.select(sa.func.max(a).label("top")).order_by("top"),
    lambda: sa.select((a + b).label("sum_")).order_by(sa.desc("sum_")),
    lambda: sa.select(a.label("q")).where(a.label("q") > 3),
    lambda: (lambda q: sa.select(q).group_by(q).order_by(q))((a + 1).label("q")),
    lambda: sa.select(a + 1),
    lambda: sa.select(sa.literal(1)),
    lambda: sa.select(sa.literal_column("1")),
    lambda: sa.select(sa.text("1")),
    lambda: sa.select(sa.text("*")).select_from(sa.text("foo")),
    lambda: sa.select(sa.null(), sa.true()),
    lambda: sa.select(sa.cast(a, sa.String)),
    lambda: sa.select(sa.cast(sa.func.now(), sa.String)),
    lambda: sa.select(sa.case((a == 1, 2))),
    lambda: sa.select(a, sa.select(sa.func.count(child.c.id)).where(child.c.pid == a).scalar_subquery()),
    lambda: sa.select(parent.c.id, sa.select(sa.func.count(child.c.id)).where(child.c.pid == parent.c.id).scalar_subquery().label("n")),
    lambda: sa.select(parent).where(sa.exists().where(child.c.pid == parent.c.id)),
    lambda: sa.select(parent).where(sa.exists(sa.select(1).where(child.c.pid == parent.c.id))),
    lambda: sa.select(parent).where(parent.c.id.in_(sa.select(child.c.pid).where(child.c.n > parent.c.id))),
    lambda: (lambda q: sa.select(q.c.id).where(q.c.id > 2))(sa.select(parent.c.id).where(parent.c.name == "x").subquery()),
    lambda: (lambda q: sa.select(q.c.id, child.c.id).join(child, child.c.pid == q.c.id))(sa.select(parent.c.id).subquery("q")),
    lambda: (lambda q: sa.select(q.c.id).where(q.c.id > 2))(sa.select(parent.c.id).cte("q")),
    lambda: (lambda q, r: sa.select(r.c.id))(*(lambda q: (q, sa.select(q.c.id).where(q.c.id < 9).cte("r")))(sa.select(parent.c.id).cte("q"))),
    lambda: (lambda q: sa.select(q.c.n))((lambda base: base.union_all(sa.select(base.c.n + 1).where(base.c.n < 10)))(sa.select(sa.literal(1).label("n")).cte("nums", recursive=True))),
    lambda: sa.union(sa.select(a), sa.select(b)),
    lambda: sa.union_all(sa.select(a), sa.select(b)).order_by("a").limit(3).offset(2),
    lambda: sa.select(sa.union(sa.select(a), sa.select(b)).subquery()),
    lambda: t.update().where(a == 1).values(s="x", b=None),
    lambda: t.update().values({t.c.a: t.c.a + 1}),
    lambda: sa.update(parent).where(parent.c.id == child.c.pid).values(name=child.c.n),
    lambda: sa.update(parent).values(name=sa.select(sa.func.max(child.c.n)).where(child.c.pid == parent.c.id).scalar_subquery()),
    lambda: sa.update(parent).where(parent.c.id.in_(sa.select(child.c.pid))).values(flag=True),
    lambda: sa.update(parent).where(~sa.exists().where(child.c.pid == parent.c.id)).values(flag=False),
    lambda: sa.delete(parent).where(parent.c.id == 3),
    lambda: sa.delete(parent).where(sa.not_(parent.c.id.in_(sa.select(child.c.pid)))),
    lambda: t.insert().values(a=1, s="x"),
    lambda: sa.insert(t).values([{"a": 1, "s": "x"}, {"a": 2, "s": "y"}]),
    lambda: sa.insert(t).from_select(["a", "b"], sa.select(child.c.id, child.c.n).where(child.c.n > 1)),
    lambda: sa.update(t).where(a == sa.bindparam("b_a")).values(s=sa.bindparam("b_s")),
    lambda: child.c.data["k"].as_string(),
    lambda: child.c.data["k"].as_string() == "x",
    lambda: child.c.data[("k", "j")].as_integer() > 3,
    lambda: child.c.data["k"],
    lambda: sa.type_coerce(child.c.data, sa.String),
    lambda: sa.select(sa.type_coerce(child.c.data, sa.String)),
    lambda: sa.select(sa.extract("year", child.c.when)),
    lambda: sa.select(-a),
    lambda: sa.select(a == 1),
    lambda: sa.select(a.is_(None)),
    lambda: sa.select(sa.func.lower(s).label("l")).group_by(sa.func.lower(s)),
    lambda: child.c.when < sa.func.now(),
    lambda: child.c.when - child.c.when,
    lambda: sa.and_(True, a == 1),
    lambda: sa.and_(),
    lambda: sa.or_(sa.false(), a == 1),
    lambda: x == 5,
    lambda: x == "str",
    lambda: sa.func.length(s) > 5,
    lambda: (sa.func.length(s) > 5).is_(True),
    lambda: sa.select(t).with_for_update(nowait=True),
    lambda: a.bitwise_and(4) == 4,
    lambda: sa.func.replace(s, "a", "b"),
    lambda: sa.select(sa.values(sa.column("i", sa.Integer), sa.column("w", sa.String), name="v").data([(1, "x"), (2, "y")])),
    lambda: sa.not_(sa.or_(a == 1, b == 2)),
    lambda: sa.not_(sa.func.foo(a)),
    lambda: sa.select(a).where(a == 1).where(sa.or_(b == 2, b == 3)),
    lambda: s.regexp_match("^x"),
    lambda: sa.func.coalesce(s, "").is_not(None),
    lambda: sa.any_(sa.select(b).scalar_subquery()) == a,
    lambda: sa.select(sa.func.count()).select_from(t),
    lambda: sa.select(sa.func.count(sa.text("*"))).select_from(t),
    lambda: sa.select(sa.literal_column("x").label("y"), t),
    lambda: a.label("z") + 1,
    lambda: sa.select(parent.c.id).join_from(parent, child).where(child.c.n.in_([1, 2])),
]


def texts(name):
    made = []
    if REAL:
        dialect = {"postgresql": postgresql, "sqlite": sqlite}[name].dialect(paramstyle="named")
        for case in CASES:
            try:
                made.append(str(case().compile(dialect=dialect)))
            except Exception as error:
                made.append("%s: %s" % (type(error).__name__, error))
        return made
    import _limbeck

    from sqlalchemy._printing import text_of

    _limbeck.context["dialect"] = name
    for case in CASES:
        try:
            made.append(text_of(case()))
        except Exception as error:
            if "--trace" in sys.argv:
                raise
            made.append("%s: %s" % (type(error).__name__, error))
    return made


def main():
    import json

    path = os.path.join(HERE, "expressions.json")
    if REAL:
        with open(path, "w") as stream:
            json.dump({name: texts(name) for name in ("postgresql", "sqlite")}, stream, indent=0, ensure_ascii=False)
        return 0
    with open(path) as stream:
        recorded = json.load(stream)
    bad = 0
    for name, wanted in recorded.items():
        for number, (ours, theirs) in enumerate(zip(texts(name), wanted)):
            import re

            theirs = re.sub(r"::[A-Z_]+(\([0-9, ]*\))?", "", theirs) if "::" in theirs else theirs
            theirs = re.sub(r"%%", "%", theirs)
            if ours.split() != theirs.split():
                bad += 1
                print("%s %d\n  ours   %s\n  theirs %s" % (name, number, " ".join(ours.split()), " ".join(theirs.split())))
    print("%d cases, %d differ" % (sum(len(wanted) for wanted in recorded.values()), bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
