"""Attributes that are Python on an object and SQL on its class."""

HYBRID_METHOD, HYBRID_PROPERTY = "hybrid_method", "hybrid_property"


class hybrid_method:
    def __init__(self, func, expr=None):
        self.func = func
        self.expr = expr if expr is not None else func
        self.__doc__ = func.__doc__

    def __get__(self, instance, owner):
        if instance is None:
            return self._for_class(owner)
        return self.func.__get__(instance, owner)

    def _for_class(self, owner):
        function = self.expr.__func__ if isinstance(self.expr, classmethod) else self.expr
        return lambda *args, **kw: function(owner, *args, **kw)

    def expression(self, expr):
        self.expr = expr
        return self

    @property
    def inplace(self):
        return self


class hybrid_property:
    def __init__(self, fget, fset=None, fdel=None, expr=None, custom_comparator=None, update_expr=None):
        self.fget = fget
        self.fset = fset
        self.fdel = fdel
        self.expr = expr
        self.custom_comparator = custom_comparator
        self.update_expr = update_expr
        self.__doc__ = getattr(fget, "__doc__", None)
        self.__name__ = getattr(fget, "__name__", None)

    def __get__(self, instance, owner):
        if owner is None or instance is not None:
            return self.fget(instance)
        return self._for_class(owner)

    def _for_class(self, owner):
        function = self.expr if self.expr is not None else self.custom_comparator if self.custom_comparator is not None else self.fget
        return (function.__func__ if isinstance(function, (classmethod, staticmethod)) else function)(owner)

    def __set__(self, instance, value):
        if self.fset is None:
            raise AttributeError("can't set attribute")
        self.fset(instance, value)

    def __delete__(self, instance):
        if self.fdel is None:
            raise AttributeError("can't delete attribute")
        self.fdel(instance)

    def _copy(self, **kw):
        made = hybrid_property.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.__dict__.update(kw)
        return made

    def getter(self, fget):
        return self._copy(fget=fget)

    def setter(self, fset):
        return self._copy(fset=fset)

    def deleter(self, fdel):
        return self._copy(fdel=fdel)

    def expression(self, expr):
        return self._copy(expr=expr)

    def comparator(self, comparator):
        return self._copy(custom_comparator=comparator)

    def update_expression(self, meth):
        return self._copy(update_expr=meth)

    @property
    def overrides(self):
        return self

    @property
    def inplace(self):
        return _InPlace(self)


class _InPlace:
    """`@attribute.inplace.setter`: changes the property instead of copying it."""

    def __init__(self, attribute):
        self.attribute = attribute

    def _put(self, name, value):
        setattr(self.attribute, name, value)
        return self.attribute

    def getter(self, fget):
        return self._put("fget", fget)

    def setter(self, fset):
        return self._put("fset", fset)

    def deleter(self, fdel):
        return self._put("fdel", fdel)

    def expression(self, expr):
        return self._put("expr", expr)

    def comparator(self, comparator):
        return self._put("custom_comparator", comparator)

    def update_expression(self, meth):
        return self._put("update_expr", meth)


class Comparator:
    def __init__(self, expression):
        self.expression = expression

    def __clause_element__(self):
        from .._elements import clause

        return clause(self.expression)

    @property
    def property(self):
        return self

    def operate(self, op, *other, **kw):
        raise NotImplementedError()


class ExprComparator(Comparator):
    pass
