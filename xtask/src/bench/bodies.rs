//! The upgrade and downgrade functions of generated revisions.

/// Returns a body with one small change, of which the graph commands read nothing.
pub fn small(number: usize) -> String {
    format!(
        "def upgrade() -> None:\n    op.create_table(\n        \"t{number}\",\n        sa.Column(\"id\", sa.Integer(), nullable=False),\n        \
         sa.Column(\"name\", sa.String(length=50), nullable=True),\n        sa.PrimaryKeyConstraint(\"id\"),\n    )\n\n\n\
         def downgrade() -> None:\n    op.drop_table(\"t{number}\")\n"
    )
}

/// Returns one of ten kinds of change; ten revisions in a row build and fill the tables `item_N` and `item_N_tag`.
pub fn realistic(number: usize) -> String {
    let group = number / 10;
    let item = format!("item_{group}");
    let (up, down) = match number % 10 {
        0 => create_table(group, &item),
        1 => (
            format!("op.add_column(\"{item}\", sa.Column(\"note\", sa.Text(), nullable=True))"),
            format!("op.drop_column(\"{item}\", \"note\")"),
        ),
        2 => (
            format!("op.create_index(\"ix_{item}_name\", \"{item}\", [\"name\"], unique=False)"),
            format!("op.drop_index(\"ix_{item}_name\", table_name=\"{item}\")"),
        ),
        3 => (widen(&item, 100, 200), widen(&item, 200, 100)),
        4 => (bulk_insert(&item), format!("op.execute(\"DELETE FROM {item}\")")),
        5 => (
            format!("op.execute(\"UPDATE {item} SET note = 'imported' WHERE note IS NULL\")"),
            format!("op.execute(\"UPDATE {item} SET note = NULL WHERE note = 'imported'\")"),
        ),
        6 => (
            format!("op.add_column(\"{item}\", sa.Column(\"active\", sa.Boolean(), server_default=sa.true(), nullable=False))"),
            format!("with op.batch_alter_table(\"{item}\") as batch_op:\n        batch_op.drop_column(\"active\")"),
        ),
        7 => (create_tags(&item), format!("op.drop_table(\"{item}_tag\")")),
        8 => (
            format!("with op.batch_alter_table(\"{item}\") as batch_op:\n        batch_op.create_check_constraint(\"ck_{item}_amount\", \"amount >= 0\")"),
            format!("with op.batch_alter_table(\"{item}\") as batch_op:\n        batch_op.drop_constraint(\"ck_{item}_amount\", type_=\"check\")"),
        ),
        _ => (copy_rows(&item), format!("op.execute(\"DELETE FROM {item}_tag\")")),
    };
    format!("def upgrade() -> None:\n    {up}\n\n\ndef downgrade() -> None:\n    {down}\n")
}

fn create_table(group: usize, item: &str) -> (String, String) {
    let parent = match group.checked_sub(1) {
        None => String::new(),
        Some(before) => format!(
            "\n        sa.Column(\"parent_id\", sa.Integer(), nullable=True),\n        sa.ForeignKeyConstraint(\
             [\"parent_id\"], [\"item_{before}.id\"], name=\"fk_{item}_parent\"),"
        ),
    };
    let up = format!(
        "op.create_table(\n        \"{item}\",\n        sa.Column(\"id\", sa.Integer(), nullable=False),\n        \
         sa.Column(\"name\", sa.String(length=100), nullable=False),\n        sa.Column(\"amount\", sa.Numeric(10, 2), nullable=True),\n        \
         sa.Column(\"created_at\", sa.DateTime(), server_default=sa.func.now(), nullable=False),{parent}\n        \
         sa.PrimaryKeyConstraint(\"id\", name=\"pk_{item}\"),\n    )"
    );
    (up, format!("op.drop_table(\"{item}\")"))
}

fn widen(item: &str, from: usize, to: usize) -> String {
    format!(
        "with op.batch_alter_table(\"{item}\") as batch_op:\n        batch_op.alter_column(\n            \"name\",\n            \
         existing_type=sa.String(length={from}),\n            type_=sa.String(length={to}),\n            existing_nullable=False,\n        )"
    )
}

fn bulk_insert(item: &str) -> String {
    let rows: String = (0..20)
        .map(|row| format!("            {{\"name\": \"name {row}\", \"amount\": {row}.5}},\n"))
        .collect();
    format!(
        "op.bulk_insert(\n        sa.table(\"{item}\", sa.column(\"name\", sa.String()), sa.column(\"amount\", sa.Numeric(10, 2))),\n        \
         [\n{rows}        ],\n    )"
    )
}

fn create_tags(item: &str) -> String {
    format!(
        "op.create_table(\n        \"{item}_tag\",\n        sa.Column(\"item_id\", sa.Integer(), nullable=False),\n        \
         sa.Column(\"label\", sa.String(length=40), nullable=False),\n        sa.ForeignKeyConstraint([\"item_id\"], [\"{item}.id\"], \
         name=\"fk_{item}_tag_item\", ondelete=\"CASCADE\"),\n        sa.PrimaryKeyConstraint(\"item_id\", \"label\"),\n    )\n    \
         op.create_index(op.f(\"ix_{item}_tag_label\"), \"{item}_tag\", [\"label\"])"
    )
}

fn copy_rows(item: &str) -> String {
    format!(
        "bind = op.get_bind()\n    rows = bind.execute(sa.text(\"SELECT id, name FROM {item} ORDER BY id\")).fetchall()\n    \
         for row in rows[:5]:\n        bind.execute(\n            sa.text(\"INSERT INTO {item}_tag (item_id, label) VALUES (:item, :label)\"),\n            \
         {{\"item\": row[0], \"label\": row.name}},\n        )"
    )
}
