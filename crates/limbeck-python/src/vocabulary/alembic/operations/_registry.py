"""Operations that a project adds: `register_operation` and `implementation_for`."""

_registered = {}
# Operations of packages that a project imports in env.py; its scripts need not.
_OF_COMPANIONS = {
    "create_entity": "alembic_utils.reversible_op", "drop_entity": "alembic_utils.reversible_op", "replace_entity": "alembic_utils.reversible_op",
    "add_enum_value": "alembic_postgresql_enum", "sync_enum_values": "alembic_postgresql_enum",
}  # fmt: skip
_implementations = {}


def register(name, sourcename=None):
    def decorate(cls):
        _registered[name] = getattr(cls, sourcename or name)
        return cls

    return decorate


def implement(op_cls, replace=False):
    def decorate(function):
        if not replace and op_cls in _implementations and _implementations[op_cls] is not function:
            raise ValueError("Can not set dispatch function for object %r: key already exists. To replace existing function, use replace=True." % (op_cls,))
        _implementations[op_cls] = function
        return function

    return decorate


def directive(name, operations=None, batch=False):
    """The function behind `op.name(...)` of a project's own operation, or None."""
    function = _registered.get(name)
    if function is None and name in _OF_COMPANIONS:
        __import__(_OF_COMPANIONS[name])
        function = _registered.get(name)
    if function is None:
        return None

    def call(*args, **kw):
        return function(operations if operations is not None else _operations(), *args, **kw)

    return call


def _operations():
    from .base import Operations

    return Operations()


def invoke_operation(operation, operations=None):
    for cls in type(operation).__mro__:
        function = _implementations.get(cls)
        if function is not None:
            return function(operations if operations is not None else _operations(), operation)
    own = getattr(operation, "_invoke", None)
    if own is None:
        raise ValueError("no dispatch function for object: %s" % (operation,))
    return own(operations)
