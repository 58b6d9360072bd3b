"""`Rewriter`: functions that change operations before they are written."""

from ..operations import ops


class Rewriter:
    """A `process_revision_directives` made of one function for each kind of operation."""

    def __init__(self):
        self._traverse = {}
        self._chained = ()

    def chain(self, other):
        fresh = type(self)()
        fresh.__dict__.update(self.__dict__)
        fresh._chained = self._chained + (other,)
        return fresh

    def rewrites(self, operator):
        operators = operator if isinstance(operator, (tuple, list)) else (operator,)

        def decorate(function):
            for cls in operators:
                self._traverse[cls] = function
            return function

        return decorate

    def __call__(self, context, revision, directives):
        self.process_revision_directives(context, revision, directives)
        for other in self._chained:
            other(context, revision, directives)

    def process_revision_directives(self, context, revision, directives):
        self._list(context, revision, directives)

    def _list(self, context, revision, operations):
        made = []
        for operation in operations:
            made.extend(self._walk(context, revision, operation))
        operations[:] = made

    def _walk(self, context, revision, operation):
        found = self._rewrite(context, revision, operation)
        for item in found:
            if isinstance(item, ops.MigrationScript):
                for container in item.upgrade_ops_list + item.downgrade_ops_list:
                    if len(self._walk(context, revision, container)) != 1:
                        raise ValueError("Can only return single object for UpgradeOps traverse")
            elif isinstance(item, ops.OpContainer):
                self._list(context, revision, item.ops)
        return found

    def _rewrite(self, context, revision, operation):
        for cls in type(operation).__mro__:
            function = self._traverse.get(cls)
            if function is None:
                continue
            seen = operation.__dict__.setdefault("_rewritten_by", set())
            if id(self) in seen:
                return [operation]
            made = function(context, revision, operation)
            made = [] if made is None else list(made) if isinstance(made, (list, tuple)) else [made]
            for item in made:
                item.__dict__.setdefault("_rewritten_by", set()).add(id(self))
            return made
        return [operation]
