"""`op.create_entity`, `op.replace_entity`, `op.drop_entity`: how they run, turn round, and are written."""

from alembic.autogenerate import renderers
from alembic.operations import MigrateOperation, Operations

from .exceptions import UnreachableException


class ReversibleOp(MigrateOperation):
    """An operation on one entity."""

    _difference = "differs from the one in the database"

    def __init__(self, target):
        self.target = target

    @classmethod
    def invoke_for_target(cls, operations, target):
        return operations.invoke(cls(target))

    @classmethod
    def invoke_for_target_optional_cascade(cls, operations, target, cascade=False):
        return operations.invoke(cls(target, cascade=cascade))

    def reverse(self):
        raise NotImplementedError()

    def _about(self):
        return "%s %s" % (self.target._words(), self._difference)


@Operations.register_operation("create_entity", "invoke_for_target")
class CreateOp(ReversibleOp):
    _difference = "is registered but not in the database"

    def reverse(self):
        return DropOp(self.target)

    def to_diff_tuple(self):
        return "create_entity", self.target.identity, str(self.target.to_sql_statement_create())


@Operations.register_operation("drop_entity", "invoke_for_target_optional_cascade")
class DropOp(ReversibleOp):
    _difference = "exists in the database but is not registered"

    def __init__(self, target, cascade=False):
        ReversibleOp.__init__(self, target)
        self.cascade = cascade

    def reverse(self):
        return CreateOp(self.target)

    def to_diff_tuple(self):
        return "drop_entity", self.target.identity


@Operations.register_operation("replace_entity", "invoke_for_target")
class ReplaceOp(ReversibleOp):
    def reverse(self):
        return RevertOp(self.target)

    def to_diff_tuple(self):
        return "replace_or_revert_entity", self.target.identity, str([str(text) for text in self.target.to_sql_statement_create_or_replace()])


class RevertOp(ReversibleOp):
    """Back to what the database had when the revision was written."""

    to_diff_tuple = ReplaceOp.to_diff_tuple


@Operations.implementation_for(CreateOp)
def create_entity(operations, operation):
    operations.execute(operation.target.to_sql_statement_create())


@Operations.implementation_for(DropOp)
def drop_entity(operations, operation):
    operations.execute(operation.target.to_sql_statement_drop(cascade=operation.cascade))


@Operations.implementation_for(ReplaceOp)
@Operations.implementation_for(RevertOp)
def replace_or_revert_entity(operations, operation):
    for statement in (operation.target._version_to_replace if isinstance(operation, RevertOp) else operation.target).to_sql_statement_create_or_replace():
        operations.execute(statement)


def _written(target, directive, autogen_context):
    autogen_context.imports.add(target.render_import_statement())
    return "%sop.%s(%s)" % (target.render_self_for_migration(), directive, target.to_variable_name())


@renderers.dispatch_for(CreateOp)
def render_create_entity(autogen_context, op):
    return _written(op.target, "create_entity", autogen_context) + "\n"


@renderers.dispatch_for(DropOp)
def render_drop_entity(autogen_context, op):
    return _written(op.target, "drop_entity", autogen_context) + "\n"


@renderers.dispatch_for(ReplaceOp)
def render_replace_entity(autogen_context, op):
    return _written(op.target, "replace_entity", autogen_context) + "\n"


@renderers.dispatch_for(RevertOp)
def render_revert_entity(autogen_context, op):
    if op.target._version_to_replace is None:
        raise UnreachableException
    return _written(op.target._version_to_replace, "replace_entity", autogen_context)
