"""`@compiles`: texts that scripts give for elements and types."""

from .. import _base
from .._base import dialect_name


class StandInCompiler:
    """What a `@compiles` function gets as compiler."""

    @property
    def dialect(self):
        from .._engine import current_dialect

        return current_dialect()

    @property
    def preparer(self):
        return self.dialect.identifier_preparer

    def process(self, element, **kw):
        from .._elements import ClauseElement
        from .._types import TypeEngine, type_text

        if isinstance(element, TypeEngine) or (isinstance(element, type) and issubclass(element, TypeEngine)):
            return type_text(element)
        if isinstance(element, (list, tuple)):
            return ", ".join(self.process(part) for part in element)
        if isinstance(element, ClauseElement):
            from .._printing import text_of

            # A statement of the script's own has no parameters: values stand in the text.
            return text_of(element, literal_binds=True)
        return str(element)

    @property
    def type_compiler(self):
        return self

    sql_compiler = type_compiler

    def render_literal_value(self, value, type_):
        from .._printing import literal_text

        return literal_text(value)

    def __getattr__(self, name):
        if name.startswith("visit_"):
            from .._types import type_text

            return lambda element, **kw: _without_custom(element, type_text if hasattr(element, "_tag") else str)
        raise AttributeError(name)


def _without_custom(element, render):
    """Renders by the built-in rule: the script's function calls it for what it does not change."""
    cls = type(element)
    saved = cls.__dict__.get("_compiled_by")
    if saved is not None:
        del cls._compiled_by
    try:
        return render(element)
    finally:
        if saved is not None:
            cls._compiled_by = saved


def compiles(cls, *dialects):
    """Registers the text of `cls` for the dialects named, or all."""

    def decorate(function):
        registry = cls.__dict__.get("_compiled_by")
        if registry is None:
            registry = {}
            cls._compiled_by = registry
        if cls.__module__.startswith(("sqlalchemy.", "alembic.")):
            _base.compiled_builtins.add(cls.__name__)
        for name in dialects or ("default",):
            registry[name] = function
        return function

    return decorate


def deregister(cls):
    if "_compiled_by" in cls.__dict__:
        del cls._compiled_by


__all__ = ["compiles", "deregister", "dialect_name"]
