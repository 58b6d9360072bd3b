"""Column types as a generated script writes them: `sa.String(length=30)`, `postgresql.JSONB(astext_type=sa.Text())`."""

from sqlalchemy import _types

# Types whose data says all there is to write.
_TOLD = frozenset(("Integer", "SmallInteger", "BigInteger", "String", "Text", "Unicode", "UnicodeText", "Date", "DateTime", "Time", "LargeBinary", "Boolean", "NullType"))


# Modules of the project that the type in hand is of.
_modules = set()


def of_column(column, target):
    """(text, imports, modules) of a column's type, or None where its data tells."""
    type_ = column.type
    if type(type_) is _types.NullType:
        type_ = column._resolved_type()
    if not target.opts.get("render_item") and not type_._variants and type(type_).__name__ in _TOLD and type(type_).__module__ == _types.__name__:
        return None
    imports = set()
    _modules.clear()
    text = spell(type_, target, imports)
    return text, sorted(imports), sorted(_modules)


def spell(type_, target, imports, plain=False):
    """The text of a type; what it needs is added to `imports`."""
    own = _asked(type_, target, imports)
    if own is not None:
        return own
    if not plain and type_._variants:
        made = type_.copy()
        made._variants = None
        text = spell(made, target, imports, plain=True)
        for name in sorted(type_._variants):
            text += ".with_variant(%s, %r)" % (spell(type_._variants[name], target, imports, plain=True), name)
        return text
    module = type(type_).__module__
    prefix = target.opts.get("sqlalchemy_module_prefix", "sa.") or ""
    if module.startswith("sqlalchemy.dialects."):
        dialect = module.split(".")[2]
        imports.add("from sqlalchemy.dialects import %s" % dialect)
        return "%s.%s" % (dialect, _with_parts(type_, target, imports))
    if module == "sqlalchemy" or module.startswith("sqlalchemy."):
        return prefix + _with_parts(type_, target, imports)
    own = target.opts.get("user_module_prefix")
    if own is None:
        _modules.add(module)
    return ("%s." % module if own is None else own) + shown(type_)


def _asked(type_, target, imports):
    render = target.opts.get("render_item")
    if not render:
        return None
    from ._hooks import autogen_context

    context = autogen_context(target)
    context.imports = imports
    text = render("type", type_, context)
    return None if text is False else text


def _with_parts(type_, target, imports):
    """Types inside of types get prefixes of their own."""
    if isinstance(type_, _types.ARRAY):
        inner = {"item_type": spell(type_.item_type, target, imports)}
    elif getattr(type_, "_tag", None) == "JSON" and hasattr(type_, "astext_type"):
        inner = {"astext_type": spell(type_.astext_type or _types.Text(), target, imports)}
    elif getattr(type_, "_tag", None) == "hstore":
        inner = {"text_type": spell(getattr(type_, "text_type", None) or _types.Text(), target, imports)}
    elif getattr(type_, "_tag", None) == "pg_domain":
        return _domain(type_, target, imports)
    else:
        inner = {}
    return shown(type_, inner)


def _domain(type_, target, imports):
    parts = [repr(str.__str__(type_.name)), spell(type_.data_type, target, imports)]
    for name in ("collation", "default", "constraint_name", "not_null", "check"):
        value = getattr(type_, name)
        if value is not None:
            text = getattr(value, "text", None)
            parts.append("%s=%s" % (name, repr(value) if text is None else "%stext(%r)" % (target.opts.get("sqlalchemy_module_prefix", "sa."), text)))
    if not type_.create_type:
        parts.append("create_type=False")
    if type_.schema is not None:
        parts.append("schema=%r" % str.__str__(type_.schema))
    return "DOMAIN(%s)" % ", ".join(parts)


def shown(type_, inner=None):
    """A call that makes the type again, as SQLAlchemy's `repr` has it: the arguments of `__init__`, defaults left out."""
    own = type(type_).__repr__
    if own is not _types.TypeEngine.__repr__ and getattr(own, "__globals__", {}).get("__name__", "").partition(".")[0] != "sqlalchemy":
        return repr(type_)
    if isinstance(type_, _types.Enum) and not hasattr(type_, "_signature"):
        return _enum(type_)
    source = type_
    while isinstance(source, _types.TypeDecorator):
        # Arguments of a decorator are those of the type inside.
        source = source.impl
    if isinstance(source, _types.Enum) and not hasattr(source, "_signature"):
        return "%s(%s" % (type(type_).__name__, _enum(source).partition("(")[2])
    return "%s(%s)" % (type(type_).__name__, ", ".join(_arguments(source, inner or {})))


def _arguments(obj, inner):
    signature = getattr(type(obj), "_signature", None)
    if signature is not None:
        # The classes of other databases share one `__init__`.
        values = [repr(value) for value in getattr(obj, "values", None) or getattr(obj, "enums", None) or ()]
        given = [(name, getattr(obj, name, default), default) for name, default in signature]
        return values + ["%s=%s" % (name, _plain(value)) for name, value, default in given if value != default]
    init = type(obj).__init__
    code = getattr(init, "__code__", None)
    if code is None or isinstance(obj, _types.Interval):
        return []
    count = code.co_argcount
    names = code.co_varnames[1:count]
    defaults = init.__defaults__ or ()
    cut = len(names) - len(defaults)
    parts = [inner[name] if name in inner else _plain(getattr(obj, name, None)) for name in names[:cut]]
    named = list(zip(names[cut:], defaults))
    extra = init.__kwdefaults__ or {}
    named += [(name, extra.get(name)) for name in code.co_varnames[count : count + code.co_kwonlyargcount]]
    for name, default in named:
        value = getattr(obj, name, default)
        if name in inner:
            parts.append("%s=%s" % (name, inner[name]))
        elif value is not default and value != default:
            parts.append("%s=%s" % (name, _plain(value)))
    return parts


def _plain(value):
    if isinstance(value, str):
        return repr(str.__str__(value))
    if isinstance(value, _types.TypeEngine):
        return shown(value)
    return repr(value)


def _enum(type_):
    parts = [repr(value) for value in type_.enums]
    if type_.name is not None:
        parts.append("name=%r" % str.__str__(type_.name))
    if type_._is_postgresql:
        if not type_.create_type:
            parts.append("create_type=False")
    else:
        if not type_.native_enum:
            parts.append("native_enum=False")
        if type_.create_constraint:
            parts.append("create_constraint=True")
        if type_.length != max([len(value) for value in type_.enums] or [0]):
            parts.append("length=%r" % type_.length)
    if type_.schema is not None:
        parts.append("schema=%r" % str.__str__(type_.schema))
    return "%s(%s)" % (type(type_).__name__, ", ".join(parts))
