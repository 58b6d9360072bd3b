"""Where each public name lives: modules are loaded when a script first uses one of their names."""

import sys

from ._base import Unsupported

_HOMES = {
    "_base": "quoted_name conv NO_ARG",
    "_types": (
        "TypeEngine TypeDecorator UserDefinedType ExternalType NullType Integer SmallInteger BigInteger String Text Unicode UnicodeText LargeBinary "
        "Numeric NumericCommon Float Double DateTime Date Time Interval Boolean Enum JSON Uuid ARRAY PickleType TupleType MatchType SchemaType "
        "Concatenable Indexable INTEGER INT SMALLINT BIGINT VARCHAR CHAR NVARCHAR NCHAR TEXT CLOB BLOB BINARY VARBINARY NUMERIC DECIMAL FLOAT REAL "
        "DOUBLE DOUBLE_PRECISION DATETIME TIMESTAMP DATE TIME BOOLEAN UUID NULLTYPE BOOLEANTYPE STRINGTYPE INTEGERTYPE NUMERICTYPE _Binary to_instance "
        "TypeEngineMixin"
    ),
    "_elements": (
        "ClauseElement ColumnElement ColumnClause ColumnOperators Operators SQLColumnExpression BindParameter TextClause TextualSelect Null True_ False_ "
        "Grouping UnaryExpression BinaryExpression ExpressionClauseList BooleanClauseList ClauseList Tuple Label Cast TypeCoerce Case Extract "
        "CollectionAggregate ScalarSelect Exists CollationClause custom_op bindparam literal outparam text null true false column literal_column collate "
        "cast type_coerce case extract any_ all_ between asc desc nulls_first nullsfirst nulls_last nullslast distinct exists and_ or_ not_ tuple_ label"
    ),
    "_functions": "func Function FunctionElement GenericFunction AggregateOrderBy over funcfilter within_group NextValue",
    "_from": "FromClause TableClause Alias Subquery CTE Join Values TableValuedAlias Selectable table join outerjoin alias values",
    "_selectable": (
        "Select SelectBase CompoundSelect Executable select union union_all except_ except_all intersect intersect_all subquery cte LABEL_STYLE_NONE "
        "LABEL_STYLE_TABLENAME_PLUS_COL LABEL_STYLE_DISAMBIGUATE_ONLY LABEL_STYLE_DEFAULT"
    ),
    "_dml": "Insert Update Delete UpdateBase ValuesBase insert update delete",
    "_constraints": "SchemaItem Constraint ColumnCollectionConstraint UniqueConstraint PrimaryKeyConstraint CheckConstraint ForeignKey ForeignKeyConstraint Index",
    "_defaults": (
        "FetchedValue DefaultClause ColumnDefault Identity IdentityOptions Computed Sequence ScalarElementColumnDefault CallableColumnDefault "
        "ColumnElementColumnDefault"
    ),
    "_schema": (
        "Column Table MetaData BLANK_SCHEMA sort_tables"
    ),
    "_ddl": (
        "DDL CreateTable DropTable CreateIndex DropIndex AddConstraint DropConstraint CreateSchema DropSchema CreateSequence DropSequence "
        "ExecutableDDLElement"
    ),
    "_engine": (
        "Engine Connection URL Dialect Transaction RootTransaction NestedTransaction TwoPhaseTransaction create_engine engine_from_config "
        "create_mock_engine make_url create_pool_from_url"
    ),
    "_result": "Result CursorResult ScalarResult MappingResult Row RowMapping BaseRow ResultProxy IteratorResult ChunkedIteratorResult",
    "_inspect": "Inspector inspect",
}
_OTHER = {
    "exc": "exc", "types": "types", "schema": "schema", "sql": "sql", "engine": "engine", "orm": "orm", "pool": "pool", "event": "event",
    "dialects": "dialects", "ext": "ext", "util": "util", "inspection": "inspection", "log": "log",
}  # fmt: skip
_POOLS = ("NullPool", "QueuePool", "StaticPool", "Pool", "AssertionPool", "SingletonThreadPool", "AsyncAdaptedQueuePool", "PoolProxiedConnection")
_RENAMED = {
    "aggregate_order_by": ("_functions", "AggregateOrderBy"),
    "Named": ("_schema", "Table"),
    "ColumnCollection": ("_base", "Collection"),
    "ReadOnlyColumnCollection": ("_base", "Collection"),
    "ColumnExpressionArgument": ("_elements", "ColumnElement"),
    "ExpressionElementRole": ("_elements", "ColumnElement"),
    "StatementRole": ("_elements", "ClauseElement"),
    "DDLElement": ("_ddl", "ExecutableDDLElement"),
    "BaseDDLElement": ("_ddl", "ExecutableDDLElement"),
    "TString": ("_elements", "TextClause"),
    "Variant": ("_types", "TypeDecorator"),
    "_UnaryExpression": ("_elements", "UnaryExpression"),
    "BooleanClauseListElement": ("_elements", "BooleanClauseList"),
    "_literal_as_text": ("_elements", "coerce"),
    "JSONB": ("dialects.postgresql", "JSONB"),
}
_INDEX = {}
for _home, _text in _HOMES.items():
    for _name in _text.split():
        _INDEX[_name] = (_home, _name)
_INDEX.update(_RENAMED)


def load(module):
    full = "sqlalchemy." + module
    loaded = sys.modules.get(full)
    if loaded is None:
        __import__(full)
        loaded = sys.modules[full]
    return loaded


def find(name):
    """The object behind a public name, or None."""
    place = _INDEX.get(name)
    if place is not None:
        return getattr(load(place[0]), place[1])
    if name in _POOLS:
        return getattr(load("pool"), name)
    return None


# Names the real package has at its top which nothing here stands for.
_MISSING = frozenset((
    "AdaptedConnection AliasedReturnsRows Any BindTyping CacheKey CheckFirst Compiled CreateEnginePlugin CreateTableAs CreateView DropView "
    "ExceptionContext ExecutionContext ForeignKeyTarget FrameClause FrameClauseType FromGrouping FrozenResult FunctionFilter GenerativeSelect HasCTE "
    "HasPrefixes HasSuffixes LambdaElement Lateral MergedResult NotNullable Nullable OrderByList Over PoolResetState ReleaseSavepointClause ReturnsRows "
    "RollbackToSavepointClause SavepointClause SelectLabelStyle StatementLambdaElement TableSample TableValuedColumn TextAsFrom TryCast TypeClause "
    "TypeCompiler TypedColumns Visitable WithinGroup bitwise_not custom_op from_dml_column insert_sentinel lambda_stmt lateral modifier result_tuple "
    "tablesample try_cast tstring"
).split())  # fmt: skip


def top_level(name):
    """`sqlalchemy.name`."""
    found = find(name)
    if found is not None:
        return found
    if name in _OTHER:
        return load(_OTHER[name])
    if name in _MISSING:
        return Unsupported("sqlalchemy." + name)
    raise AttributeError("module 'sqlalchemy' has no attribute %r" % name)


def module_getattr(module_name, own=None, strict=False):
    """The `__getattr__` of an alias module such as `sqlalchemy.sql.elements`."""

    def lookup(name):
        if own is not None and name in own:
            target = own[name]
            return load(target) if isinstance(target, str) else getattr(load(target[0]), target[1])
        if name.startswith("__"):
            raise AttributeError("module %r has no attribute %r" % (module_name, name))
        found = find(name)
        if found is not None:
            return found
        full = module_name + "." + name
        try:
            __import__(full)
            return sys.modules[full]
        except ImportError:
            pass
        if strict or not (name[:1].isalpha()):
            raise AttributeError("module %r has no attribute %r" % (module_name, name))
        return Unsupported(full)

    return lookup
