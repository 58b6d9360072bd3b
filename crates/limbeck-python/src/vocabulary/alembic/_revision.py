"""`process_revision_directives`: operations become objects, the function changes them, and what is left goes back."""

import _limbeck

from . import _hooks, _metadata
from ._operation_objects import make
from .operations import ops


def process(number, directives, heads):
    """The revisions that are left after the function has seen them."""
    target = _metadata.known[number]
    with target:
        known = {}
        script = ops.MigrationScript(
            directives["rev_id"],
            ops.UpgradeOps(_objects(directives["upgrade"], target, known), upgrade_token=target.opts.get("upgrade_token") or "upgrades"),
            ops.DowngradeOps(_objects(directives["downgrade"], target, known), downgrade_token=target.opts.get("downgrade_token") or "downgrades"),
            message=directives["message"],
            imports=set(directives["imports"]),
            head=directives["head"],
            splice=directives["splice"],
            branch_label=list(directives["branch_label"]) or None,
            version_path=directives["version_path"],
            depends_on=list(directives["depends_on"]) or None,
        )
        before = {id(operation): _encoded(operation) for operation in known}
        scripts = [script]
        function = target.opts["process_revision_directives"]
        function(_hooks._migration_context(target), tuple(heads), scripts)
        return [_answer(script, known, before, target) for script in scripts]


def _objects(steps, target, known):
    made = []
    for kind, data in steps:
        if kind == "table":
            name = data["table"]
            made.append(ops.ModifyTableOps(_hooks._text(name["name"]), _objects(data["steps"], target, known), schema=_hooks._text(name.get("schema"))))
        else:
            operation = make(data["operation"], target)
            known[operation] = data["id"]
            made.append(operation)
    return made


def _encoded(operation):
    """An operation as data, as it is now; None if it cannot be."""
    caught = []
    saved, learn = _limbeck.operation, _limbeck.context.get("learn")
    _limbeck.operation = caught.append
    _limbeck.context["learn"] = False
    try:
        operation._invoke()
    except NotImplementedError:
        return None
    finally:
        _limbeck.operation = saved
        _limbeck.context["learn"] = learn
    return caught


def _answer(script, known, before, target):
    return {
        "message": script.message,
        "rev_id": script.rev_id,
        "head": script.head,
        "splice": bool(script.splice),
        "branch_label": _texts(script.branch_label),
        "depends_on": _texts(script.depends_on),
        "version_path": script.version_path,
        "imports": sorted(script.imports or ()),
        "upgrade": _steps(script.upgrade_ops_list, known, before, target, script),
        "downgrade": _steps(script.downgrade_ops_list, known, before, target, script),
    }


def _texts(value):
    return [] if value is None else [value] if isinstance(value, str) else [str(item) for item in value]


def _steps(operations, known, before, target, script):
    found = []
    for operation in operations:
        if isinstance(operation, ops.ModifyTableOps):
            steps = _steps(operation.ops, known, before, target, script)
            if steps:
                found.append(("table", {"table": {"schema": operation.schema, "name": operation.table_name}, "steps": steps}))
        elif isinstance(operation, ops.OpContainer):
            found.extend(_steps(operation.ops, known, before, target, script))
        else:
            found.extend(_step(operation, known, before, target, script))
    return found


def _step(operation, known, before, target, script):
    if operation in known:
        now = _encoded(operation)
        if now == before[id(operation)]:
            return [("kept", known[operation])]
        return [("added", data) for data in now]
    from .autogenerate import renderers

    for cls in type(operation).__mro__:
        render = renderers.functions.get(cls)
        if render is not None:
            context = _hooks.autogen_context(target)
            text = render(context, operation)
            script.imports |= context.imports
            return [("text", [text] if isinstance(text, str) else [str(line) for line in text])]
    made = _encoded(operation)
    if made is None:
        from sqlalchemy._base import unsupported

        raise unsupported("%s in process_revision_directives" % type(operation).__name__)
    return [("added", data) for data in made]
