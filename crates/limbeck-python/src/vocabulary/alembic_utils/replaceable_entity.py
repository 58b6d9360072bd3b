"""The base of entities, `register_entities`, and the comparison of what is registered with the database."""

from pathlib import Path

from alembic.autogenerate import comparators

from . import reversible_op  # noqa: F401
from .statement import coerce_to_quoted, coerce_to_unquoted, escape_colon_for_sql, normalize_whitespace, strip_terminating_semicolon


class ReplaceableEntity:
    """Something that is created, replaced and dropped by one statement."""

    type_ = "entity"
    _version_to_replace = None
    # Whether the server keeps it as it is written: then there is nothing to try.
    _as_written = False

    def __init__(self, schema, signature, definition):
        self._set_names(schema, signature)
        self.definition = escape_colon_for_sql(strip_terminating_semicolon(definition))

    def _set_names(self, schema, signature):
        self.schema = coerce_to_unquoted(normalize_whitespace(schema))
        self.signature = coerce_to_unquoted(normalize_whitespace(signature))

    @classmethod
    def from_sql(cls, sql):
        raise NotImplementedError()

    @classmethod
    def from_path(cls, path):
        with Path(path).open() as sql_file:
            return cls.from_sql(sql_file.read())

    @classmethod
    def from_database(cls, sess, schema="%"):
        raise NotImplementedError()

    def to_sql_statement_create(self):
        raise NotImplementedError()

    def to_sql_statement_drop(self, cascade=False):
        raise NotImplementedError()

    def to_sql_statement_create_or_replace(self):
        raise NotImplementedError()

    @property
    def literal_schema(self):
        return coerce_to_quoted(self.schema)

    @property
    def identity(self):
        return "%s: %s.%s" % (type(self).__name__, self.schema, self.signature)

    def _words(self):
        """What it is, for people."""
        name = self.signature if self.signature.startswith(self.schema + ".") else "%s.%s" % (self.schema, self.signature)
        return "%s %s" % (self.type_.replace("_", " ").capitalize(), name)

    def to_variable_name(self):
        return "%s_%s" % (self.schema.lower(), self.signature.split("(")[0].strip().lower().replace("-", "_"))

    def _arguments(self, definition):
        """The arguments that make it again, as they are written."""
        return ['schema="%s"' % self.schema, 'signature="%s"' % self.signature, "definition=%r" % definition]

    def render_self_for_migration(self, omit_definition=False):
        arguments = self._arguments("# not required for op" if omit_definition else getattr(self, "definition", None))
        return "%s = %s(\n    %s\n)\n" % (self.to_variable_name(), type(self).__name__, ",\n    ".join(arguments))

    @classmethod
    def render_import_statement(cls):
        return "from %s import %s\nfrom sqlalchemy import text as sql_text" % (cls.__module__, cls.__name__)

    def _to_try(self):
        """What is created to see how the server keeps it."""
        return self


class ReplaceableEntityRegistry:
    def __init__(self):
        self.clear()

    def clear(self):
        self._entities = {}
        self.schemas = set()
        self.exclude_schemas = set()
        self.entity_types = set()

    def register(self, entities, schemas=None, exclude_schemas=None, entity_types=None):
        self._entities.update((entity.identity, entity) for entity in entities)
        self.schemas.update(schemas or ())
        self.exclude_schemas.update(exclude_schemas or ())
        self.entity_types.update(entity_types or ())

    @property
    def allowed_entity_types(self):
        return self.entity_types or set(_classes())

    def entities(self):
        return list(self._entities.values())


registry = ReplaceableEntityRegistry()


def register_entities(entities, schemas=None, exclude_schemas=None, entity_types=None):
    registry.register(entities, schemas, exclude_schemas, entity_types)


def _classes():
    """Every kind of entity, the project's own too, in a fixed order."""
    from .pg_extension import PGExtension
    from .pg_function import PGFunction
    from .pg_grant_table import PGGrantTable
    from .pg_materialized_view import PGMaterializedView
    from .pg_policy import PGPolicy
    from .pg_trigger import PGTrigger
    from .pg_view import PGView

    found = [PGFunction, PGView, PGMaterializedView, PGTrigger, PGPolicy, PGExtension, PGGrantTable]
    for cls in ReplaceableEntity.__subclasses__() + [below for cls in list(found) for below in cls.__subclasses__()]:
        if cls not in found and cls.__module__.partition(".")[0] != "alembic_utils":
            found.append(cls)
    return found


@comparators.dispatch_for("schema")
def compare_registered_entities(autogen_context, upgrade_ops, schemas):
    from .simulate import compared_with_tables

    entities = registry.entities()
    kinds = registry.allowed_entity_types
    wanted = [entity for entity in entities if type(entity) in kinds and include_entity(entity, autogen_context, reflected=False)]
    operations, identities = compared_with_tables(autogen_context.connection, upgrade_ops, entities, wanted)
    upgrade_ops.ops.extend(operations)
    upgrade_ops.ops.extend(_unwanted(autogen_context, _observed(autogen_context, schemas, entities), identities, kinds))


def _observed(autogen_context, schemas, entities):
    """The schemas whose other entities are unwanted."""
    found = set(schemas) | registry.schemas | {entity.schema for entity in entities}
    if autogen_context.opts["include_schemas"]:
        found.update(autogen_context.inspector.get_schema_names())
    return sorted(found - registry.exclude_schemas - {"information_schema", None})


def _unwanted(autogen_context, schemas, identities, kinds):
    from .reversible_op import DropOp

    for cls in _classes():
        for schema in schemas if cls in kinds else ():
            for entity in cls.from_database(autogen_context.connection, schema=schema):
                if entity.identity not in identities and include_entity(entity, autogen_context, reflected=True):
                    yield DropOp(entity)


def include_entity(entity, autogen_context, reflected):
    """What `include_name` and `include_object` of env.py say."""
    name = "%s.%s" % (entity.schema, entity.signature)
    parents = {"schema_name": entity.schema, "table_name": "Not applicable for type %s" % entity.type_}
    if reflected and not autogen_context.run_name_filters(name, entity.type_, parents):
        return False
    return autogen_context.run_object_filters(entity, name, entity.type_, reflected, None)
