"""Types of the script's own: `UserDefinedType`, `TypeDecorator`."""

from ._base import literal
from ._types import ExternalType, LargeBinary, TypeEngine, _dialect, encode, resolve, to_instance


class UserDefinedType(ExternalType, TypeEngine):
    """A type whose text comes from `get_col_spec`."""

    _affinity = "user"

    def _encode(self):
        spec = getattr(self, "get_col_spec", None)
        if spec is None:
            from . import exc

            raise exc.CompileError("%s has no get_col_spec()" % type(self).__name__)
        return ("verbatim", spec())

    def _bind(self, value):
        processor = self.bind_processor(_dialect())
        return literal(processor(value) if processor is not None else value)

    def _result(self, value):
        processor = self.result_processor(_dialect(), None)
        return processor(value) if processor is not None else value


class TypeDecorator(ExternalType, TypeEngine):
    """A type around another, with conversions of its own."""

    impl = None
    coerce_to_is_types = (type(None),)

    def __init__(self, *args, **kwargs):
        if type(self).impl is None:
            raise AttributeError("TypeDecorator implementations require a class-level variable 'impl' which refers to the class of type being decorated")
        impl = type(self).impl
        self.impl = impl(*args, **kwargs) if isinstance(impl, type) else impl

    @property
    def impl_instance(self):
        return self.impl

    @property
    def _affinity(self):
        return self.impl._affinity if isinstance(self.impl, TypeEngine) else "null"

    def load_dialect_impl(self, dialect):
        return self.impl

    def type_engine(self, dialect):
        return to_instance(self.load_dialect_impl(dialect))

    def __getattr__(self, name):
        if name.startswith("__") or name == "impl":
            raise AttributeError(name)
        impl = self.__dict__.get("impl")
        if impl is None:
            raise AttributeError(name)
        return getattr(impl, name)

    def process_bind_param(self, value, dialect):
        raise NotImplementedError

    def process_result_value(self, value, dialect):
        raise NotImplementedError

    def process_literal_param(self, value, dialect):
        raise NotImplementedError

    def _bind(self, value):
        if type(self).process_bind_param is not TypeDecorator.process_bind_param:
            value = self.process_bind_param(value, _dialect())
        elif type(self).process_literal_param is not TypeDecorator.process_literal_param:
            value = self.process_literal_param(value, _dialect())
        return resolve(self.type_engine(_dialect()))._bind(value)

    def _result(self, value):
        inner = resolve(self.type_engine(_dialect()))
        if inner._result is not None:
            value = inner._result(value)
        if type(self).process_result_value is not TypeDecorator.process_result_value:
            value = self.process_result_value(value, _dialect())
        return value

    def _encode(self):
        return encode(self.type_engine(_dialect()))

    def coerce_compared_value(self, op, value):
        return self


class PickleType(TypeDecorator):
    impl = LargeBinary
    cache_ok = True

    def __init__(self, protocol=5, pickler=None, comparator=None, impl=None):
        self.protocol = protocol
        self.pickler = pickler
        self.impl = to_instance(impl) if impl is not None else LargeBinary()

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        import pickle

        return (self.pickler or pickle).dumps(value, self.protocol)

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        import pickle

        return (self.pickler or pickle).loads(value)
