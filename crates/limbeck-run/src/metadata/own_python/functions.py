# ---- env.py's functions, asked with the project's own objects
class Asked:
    """One `context.configure(...)`, whose functions are asked about the objects of both sides."""

    def __init__(self, found):
        self.found, self.opts, self.dialect, self.context = found, found.opts, found.dialect, found.context
        self.metadata = metadata_list(found.metadata)
        self.sides = {"models": self.model, "database": self.database}
        self.reflected = {}

    def model(self, place):
        schema, name = place
        for metadata in self.metadata:
            for table in metadata.tables.values():
                if table.name == name and table.schema == schema:
                    return table
        return None

    def database(self, place):
        return self.reflected.get(place)

    # ---- objects
    def table(self, side, data):
        place = place_of(data)
        found = self.sides[side](place)
        if found is None and side == "models" and place[0] is None:
            # Where the models name the default schema.
            found = next((table for metadata in self.metadata for table in metadata.tables.values() if table.name == place[1]), None)
        if found is None:
            raise LookupError("no table %s is known to the %s" % (place[1], side))
        return found

    def find(self, ref):
        table = self.table(ref["side"], ref["table"])
        tag, wanted = tagged(ref["item"])
        if tag == "table":
            return table
        found = column_of(table, wanted) if tag == "column" else index_of(table, wanted) if tag == "index" else self.constraint(table, wanted)
        if found is None:
            raise LookupError("table %s has no %s %s" % (table.name, tag, wanted))
        return found

    @staticmethod
    def constraint(table, wanted):
        if wanted["name"] is not None:
            return next((item for item in table.constraints if item.name is not None and str(item.name) == wanted["name"]), None)
        return next((item for item in table.constraints if [column.name for column in getattr(item, "columns", ())] == wanted["columns"]), None)

    # ---- questions
    def ask(self, question):
        kind, said = tagged(question)
        if kind == "name":
            return truth(self.opts["include_name"](said["name"], said["type_"], dict(said["parent_names"])))
        if kind == "object":
            other = None if said["compare_to"] is None else self.find(said["compare_to"])
            return truth(self.opts["include_object"](self.find(said["object"]), said["name"], said["type_"], said["reflected"], other))
        ours = self.table("database", said["table"]).c[said["column"]]
        wanted = column_of(self.table("models", said["table"]), said["column"])
        if kind == "compare_type":
            return decision(self.opts["compare_type"](self.context, ours, wanted, ours.type, wanted.type))
        texts = said["inspected_default"], said["rendered_metadata_default"]
        return decision(self.opts["compare_server_default"](self.context, ours, wanted, texts[0], wanted.server_default, texts[1]))


def truth(answer):
    return {"bool": bool(answer)}


def decision(answer):
    return "none" if answer is None else truth(answer)


def column_of(table, name):
    return next((column for column in table.columns if column.name == name), None)


def index_of(table, name):
    return next((index for index in table.indexes if str(index.name) == name), None)


# ---- process_revision_directives
def operation_class():
    from alembic.operations import ops

    class Untold(ops.MigrateOperation):
        """An operation that Alembic has no class for."""

        def reverse(self):
            return self

        def to_diff_tuple(self):
            return ("other",)

    return Untold


class Revision:
    """Operations as Alembic's objects, made of the models' and the database's own; what a function leaves of them, as data."""

    def __init__(self, asked):
        from alembic.autogenerate.api import AutogenContext

        self.asked, self.known, self.Untold = asked, [], operation_class()
        self.autogen = AutogenContext(asked.context, asked.found.metadata, autogenerate=False)
        self.autogen.opts = dict({"sqlalchemy_module_prefix": "sa.", "alembic_module_prefix": "op.", "user_module_prefix": None}, **asked.opts)
        self.autogen.imports = set()

    def objects(self, steps, forwards):
        from alembic.operations import ops

        made = []
        for step in steps:
            tag, data = tagged(step)
            if tag == "table":
                schema, name = place_of(data["table"])
                made.append(ops.ModifyTableOps(name, self.objects(data["steps"], forwards), schema=schema))
                continue
            if tag == "opaque":
                made.append(self.Untold())
                self.known.append((made[-1], data, []))
                continue
            kind, operation = tagged(data["operation"])
            maker = getattr(self, "make_" + kind, None)
            try:
                object_ = maker(operation, ("models", "database") if forwards else ("database", "models"))
            except (TypeError, LookupError, AttributeError):
                object_ = None
            object_ = self.Untold() if object_ is None else object_
            self.known.append((object_, data["id"], self.written(object_)))
            made.append(object_)
        return made

    def on(self, sides, place, look):
        for side in sides:
            try:
                found = look(self.asked.table(side, place))
            except LookupError:
                continue
            if found is not None:
                return found
        return None

    def make_create_table(self, data, sides):
        from alembic.operations import ops

        return ops.CreateTableOp.from_table(self.on(sides, data["table"]["name"], lambda table: table))

    def make_drop_table(self, data, sides):
        from alembic.operations import ops

        return ops.DropTableOp.from_table(self.on(sides[::-1], data["table"], lambda table: table))

    def make_add_column(self, data, sides):
        from alembic.operations import ops

        column = self.on(sides, data["table"], lambda table: column_of(table, text_of(data["column"]["name"])))
        return ops.AddColumnOp.from_column_and_tablename(*place_of(data["table"]), column)

    def make_drop_column(self, data, sides):
        from alembic.operations import ops

        column = self.on(sides[::-1], data["table"], lambda table: column_of(table, text_of(data["column"])))
        return ops.DropColumnOp.from_column_and_tablename(*place_of(data["table"]), column)

    def make_create_index(self, data, sides):
        from alembic.operations import ops

        return ops.CreateIndexOp.from_index(self.on(sides, data["index"]["table"], lambda table: index_of(table, text_of(tagged(data["index"]["name"])[1]))))

    def make_drop_index(self, data, sides):
        from alembic.operations import ops

        return ops.DropIndexOp.from_index(self.on(sides[::-1], data["table"], lambda table: index_of(table, text_of(tagged(data["name"])[1]))))

    def make_create_constraint(self, data, sides):
        from alembic.operations import ops

        _, item = tagged(data["constraint"])
        name = name_from(item.get("name"))
        wanted = {"name": None if name is None else str(name), "columns": [text_of(column) for column in item.get("columns", ())]}
        return ops.AddConstraintOp.from_constraint(self.on(sides, data["table"], lambda table: self.asked.constraint(table, wanted)))

    def make_drop_constraint(self, data, sides):
        from alembic.operations import ops

        wanted = {"name": str(name_from(data["name"])), "columns": []}
        return ops.DropConstraintOp.from_constraint(self.on(sides[::-1], data["table"], lambda table: self.asked.constraint(table, wanted)))

    def make_alter_column(self, data, sides):
        from alembic.operations import ops

        schema, name = place_of(data["table"])
        new, old = (self.on([side], data["table"], lambda table: column_of(table, text_of(data["column"]))) for side in sides)
        changes = {}
        if data.get("type_") is not None:
            changes["modify_type"] = new.type
        if data.get("nullable") is not None:
            changes["modify_nullable"] = data["nullable"]
        for key, value in (("server_default", new.server_default), ("comment", new.comment)):
            if data.get(key) not in (None, "keep"):
                changes["modify_" + key] = value
        if data.get("new_name") is not None:
            changes["modify_name"] = text_of(data["new_name"])
        return ops.AlterColumnOp(
            name, text_of(data["column"]), schema=schema, existing_type=old.type, existing_nullable=old.nullable, existing_comment=old.comment,
            existing_server_default=old.server_default if old.server_default is not None else False, **changes,
        )  # fmt: skip

    def make_create_table_comment(self, data, sides):
        from alembic.operations import ops

        schema, name = place_of(data["table"])
        return ops.CreateTableCommentOp(name, data.get("comment"), schema=schema)

    def make_drop_table_comment(self, data, sides):
        from alembic.operations import ops

        schema, name = place_of(data["table"])
        return ops.DropTableCommentOp(name, schema=schema)

    def written(self, operation):
        """How Alembic writes it: what tells whether a function changed it."""
        from alembic.autogenerate import render

        if isinstance(operation, self.Untold):
            return []
        return list(render.render_op(self.autogen, operation))

    def run(self, data, heads):
        from alembic.operations import ops

        forwards, back = self.objects(data["upgrade"], True), self.objects(data["downgrade"], False)
        tokens = [self.asked.opts.get(name) or usual for name, usual in (("upgrade_token", "upgrades"), ("downgrade_token", "downgrades"))]
        script = ops.MigrationScript(
            data["rev_id"], ops.UpgradeOps(forwards, upgrade_token=tokens[0]), ops.DowngradeOps(back, downgrade_token=tokens[1]), message=data["message"],
            imports=set(data["imports"]), head=data["head"], splice=data["splice"], branch_label=list(data["branch_label"]) or None,
            version_path=data["version_path"], depends_on=list(data["depends_on"]) or None,
        )  # fmt: skip
        scripts = [script]
        self.asked.opts["process_revision_directives"](self.asked.context, tuple(heads), scripts)
        return [self.answer(script) for script in scripts]

    def answer(self, script):
        self.autogen.imports = set()
        upgrade = [step for item in script.upgrade_ops_list for step in self.steps(item.ops)]
        downgrade = [step for item in script.downgrade_ops_list for step in self.steps(item.ops)]
        labels, depends = (script.branch_label, script.depends_on)
        return {
            "message": script.message, "rev_id": script.rev_id, "head": script.head, "splice": bool(script.splice), "branch_label": texts(labels),
            "depends_on": texts(depends), "version_path": None if script.version_path is None else str(script.version_path),
            "imports": sorted(set(script.imports or ()) | self.autogen.imports), "upgrade": upgrade, "downgrade": downgrade,
        }  # fmt: skip

    def steps(self, operations):
        from alembic.operations import ops

        found = []
        for operation in operations:
            if isinstance(operation, ops.ModifyTableOps):
                steps = self.steps(operation.ops)
                if steps:
                    found.append({"table": {"table": table_name(operation.table_name, operation.schema), "steps": steps}})
            elif isinstance(operation, ops.OpContainer):
                found.extend(self.steps(operation.ops))
            else:
                found.append(self.step(operation))
        return found

    def step(self, operation):
        imports, self.autogen.imports = self.autogen.imports, set()
        lines = self.written(operation)
        for object_, number, before in self.known:
            if object_ is operation and before == lines:
                self.autogen.imports = imports
                return {"kept": number}
        self.autogen.imports |= imports
        encoded = encoded_operation(operation, self.asked.dialect)
        return {"text": {"lines": lines, "about": type(operation).__name__}} if encoded is None else {"added": encoded}


def texts(value):
    return [] if value is None else [value] if isinstance(value, str) else [str(item) for item in value]


def encoded_operation(operation, dialect):
    """An operation that a function made or changed, as data; none where only its text can be had."""
    from alembic.operations import ops

    table = table_name(operation.table_name, operation.schema) if getattr(operation, "table_name", None) else None
    kind = type(operation)
    if kind is ops.CreateTableOp:
        return {"create_table": {"table": table_data(operation.to_table(), dialect)}}
    if kind is ops.DropTableOp:
        return {"drop_table": {"table": table}}
    if kind is ops.AddColumnOp:
        return {"add_column": {"table": table, "column": column_data(operation.column, dialect)}}
    if kind is ops.DropColumnOp:
        return {"drop_column": {"table": table, "column": ident(operation.column_name)}}
    if kind is ops.CreateIndexOp:
        index = operation.to_index()
        return {"create_index": {"index": index_data(index, index.table, dialect)}}
    if kind is ops.DropIndexOp:
        return {"drop_index": {"name": constraint_name(operation.index_name), "table": table}}
    if kind is ops.AlterColumnOp:
        return {"alter_column": dict(alteration_data(operation, dialect), table=table)}
    if isinstance(operation, ops.AddConstraintOp):
        constraint = operation.to_constraint()
        return {"create_constraint": {"table": table_name(constraint.table.name, constraint.table.schema), "constraint": constraint_data(constraint, dialect)}}
    if kind is ops.DropConstraintOp:
        kinds = {"primary": "primary_key", "unique": "unique", "check": "check", "foreignkey": "foreign_key"}
        return {"drop_constraint": {"table": table, "name": constraint_name(operation.constraint_name), "kind": kinds.get(operation.constraint_type)}}
    return None


def alteration_data(operation, dialect):
    from sqlalchemy import types

    def change(value, encode):
        return "keep" if value is False else "clear" if value is None else {"set": encode(value)}

    def default(value):
        return server_default(value, dialect) if hasattr(value, "arg") else {"text": value} if isinstance(value, str) else {"expr": {"literal_column": sql(value, dialect)}}

    data = {"column": ident(operation.column_name), "nullable": operation.modify_nullable, "existing_nullable": operation.existing_nullable}
    for key, value in (("type_", operation.modify_type), ("existing_type", operation.existing_type)):
        data[key] = None if value is None else type_data(types.to_instance(value), dialect)
    data["server_default"] = change(operation.modify_server_default, default)
    data["existing_server_default"] = change(operation.existing_server_default, default)
    data["comment"] = change(operation.modify_comment, str)
    data["existing_comment"] = operation.existing_comment
    data["new_name"] = None if operation.modify_name is None else ident(operation.modify_name)
    return data
