"""`process_revision_directives`: operations become objects, the function changes them, and what is left goes back."""

import _limbeck

from . import _hooks, _metadata
from ._operation_objects import make
from .operations import ops
from .operations._registry import invoke_operation


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
        if directives["compare"]:
            _compare(script, directives["undone"], target)
        scripts = [script]
        function = target.opts.get("process_revision_directives")
        if function is not None:
            _call(function, _hooks._migration_context(target), tuple(heads), scripts)
        return [_answer(script, known, before, target) for script in scripts]


def _call(function, context, heads, scripts):
    for one in function if isinstance(function, (list, tuple)) else (function,):
        one(context, heads, scripts)


def _compare(script, undone, target):
    """Lets the project's own comparisons change the upgrade; the downgrade follows."""
    upgrade, downgrade = script.upgrade_ops, script.downgrade_ops
    back, end = {}, len(downgrade.ops)
    for operation, count in zip(upgrade.ops, undone):
        back[id(operation)] = downgrade.ops[end - count : end]
        end -= count
    kept = list(upgrade.ops)
    learn = _limbeck.context.get("learn")
    _limbeck.context["learn"] = False
    _limbeck.reach(True)
    try:
        _hooks.compare(target, upgrade)
    finally:
        _limbeck.reach(False)
        _limbeck.context["learn"] = learn
    del kept
    found = []
    for operation in reversed(upgrade.ops):
        undoing = back.get(id(operation))
        found.extend([operation.reverse()] if undoing is None else undoing)
    downgrade.ops = found


class _Untold(ops.MigrateOperation):
    """A step that is nothing but a number here."""

    def _invoke(self, operations=None):
        pass


def _objects(steps, target, known):
    made = []
    for kind, data in steps:
        if kind == "opaque":
            made.append(_Untold())
            known[made[-1]] = data
        elif kind == "table":
            name = data["table"]
            made.append(ops.ModifyTableOps(_hooks._text(name["name"]), _objects(data["steps"], target, known), schema=_hooks._text(name.get("schema"))))
        else:
            operation = make(data["operation"], target)
            known[operation] = data["id"]
            made.append(operation)
    return made


def _told(operation):
    """What is known of an operation of the project's own."""
    try:
        diff = operation.to_diff_tuple()
    except Exception:
        diff = ()
    about = getattr(operation, "_about", None)
    words = about() if about is not None else " ".join(str(part) for part in diff[:2] if isinstance(part, str)) or type(operation).__name__
    try:
        operations = _encoded(operation) or []
    except Exception:
        # It asks the database when it runs.
        operations = []
    return {"about": words, "tuple": repr(diff) if diff else "", "operations": operations}


def _encoded(operation):
    """An operation as data, as it is now; None if it cannot be."""
    caught = []
    saved, learn = _limbeck.operation, _limbeck.context.get("learn")
    _limbeck.operation = caught.append
    _limbeck.context["learn"] = False
    try:
        invoke_operation(operation)
    except NotImplementedError:
        return None
    finally:
        _limbeck.operation = saved
        _limbeck.context["learn"] = learn
    return caught


def _answer(script, known, before, target):
    # Renderers add to the imports.
    upgrade = _steps(script.upgrade_ops_list, known, before, target, script)
    downgrade = _steps(script.downgrade_ops_list, known, before, target, script)
    return {
        "message": script.message,
        "rev_id": script.rev_id,
        "head": script.head,
        "splice": bool(script.splice),
        "branch_label": _texts(script.branch_label),
        "depends_on": _texts(script.depends_on),
        "version_path": script.version_path,
        "imports": sorted(script.imports or ()),
        "upgrade": upgrade,
        "downgrade": downgrade,
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
        if now is not None and len(now) == 1:
            return [("changed", {"id": known[operation], "operation": now[0]})]
        return [("added", data) for data in now or ()]
    from .autogenerate import renderers

    for cls in type(operation).__mro__:
        render = renderers.functions.get(cls)
        if render is not None:
            context = _hooks.autogen_context(target)
            text = render(context, operation)
            script.imports = set(script.imports) | context.imports
            lines = [text] if isinstance(text, str) else [str(line) for line in text]
            return [("text", dict(_told(operation), lines=lines))]
    made = _encoded(operation)
    if made is None:
        from sqlalchemy._base import unsupported

        raise unsupported("%s in process_revision_directives" % type(operation).__name__)
    return [("added", data) for data in made]
