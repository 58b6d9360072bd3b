"""`recreate_dropped`: what a block drops by cascade is there again behind it."""

from contextlib import contextmanager

from .simulate import in_order


def solve_resolution_order(sess, entities):
    return in_order(sess, list(entities))


def _all(sess):
    from .pg_function import PGFunction
    from .pg_materialized_view import PGMaterializedView
    from .pg_trigger import PGTrigger
    from .pg_view import PGView

    return [entity for cls in (PGFunction, PGTrigger, PGView, PGMaterializedView) for entity in cls.from_database(sess, "%")]


@contextmanager
def recreate_dropped(connection):
    from sqlalchemy.orm import Session

    sess = Session(bind=connection)
    before = _all(sess)
    try:
        yield sess
    except BaseException:
        sess.rollback()
        raise
    there = {entity.identity for entity in _all(sess)}
    for entity in in_order(sess, [entity for entity in before if entity.identity not in there]):
        sess.execute(entity.to_sql_statement_create())
    missing = {entity.identity for entity in before} - {entity.identity for entity in _all(sess)}
    if missing:
        sess.rollback()
        raise AssertionError("not created again: %s" % ", ".join(sorted(missing)))
    sess.commit()
