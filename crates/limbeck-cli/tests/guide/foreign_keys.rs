//! 7. Foreign key constraint violations: rows that point to nothing, tables that others point to, and the change in several steps.

use crate::stage::{POSTS_ID, Stage, on_postgresql, on_sqlite};

const COMMENTS: &str = "def upgrade():
    op.create_table(
        \"comments\",
        sa.Column(\"id\", sa.Integer(), primary_key=True),
        sa.Column(\"user_id\", sa.Integer()),
    )


def downgrade():
    op.drop_table(\"comments\")
";

const KEY: &str = "def upgrade():
    with op.batch_alter_table(\"comments\") as batch:
        batch.create_foreign_key(\"fk_comments_user_id_users\", \"users\", [\"user_id\"], [\"id\"])


def downgrade():
    with op.batch_alter_table(\"comments\") as batch:
        batch.drop_constraint(\"fk_comments_user_id_users\", type_=\"foreignkey\")
";

/// A key that rows in the table violate.
fn violated(stage: &mut Stage) {
    stage.revision("3d4e5f", Some(POSTS_ID), "create comments", COMMENTS);
    stage.run("db_migrate upgrade head").ok();
    stage.sql("INSERT INTO users (id, email) VALUES (1, 'ada@example.org')");
    stage.sql("INSERT INTO comments (id, user_id) VALUES (1, 1), (2, 77), (3, NULL), (4, 78)");
    stage.revision("4e5f6a", Some("3d4e5f"), "comments belong to users", KEY);
    let before = stage.schema();
    stage.show("foreign-keys-doctor");
    let words: &[&str] = if stage.is_postgresql() {
        &[
            "2 rows of comments refer to no row of users",
            "user_id = '77'",
            "user_id = '78'",
            "4e5f6a_comments_belong_to_users.py:13",
        ]
    } else {
        &["4e5f6a fails: 2 rows of `comments` would point to rows that are not there", "only read"]
    };
    stage.run("db_migrate doctor").exits(1).says(words);
    stage.show("foreign-keys-upgrade");
    stage
        .run("db_migrate upgrade head")
        .exits(2)
        .says(&["E0412", "the database is at 3d4e5f", "nothing of 4e5f6a was kept"]);
    stage.hide();
    assert_eq!(stage.schema(), before);
    // What is to become of the rows only people know; here they go.
    let cleaned = KEY.replacen(
        "def upgrade():\n",
        "def upgrade():\n    op.execute(\"DELETE FROM comments WHERE user_id NOT IN (SELECT id FROM users)\")\n",
        1,
    );
    stage.revision("4e5f6a", Some("3d4e5f"), "comments belong to users", &cleaned);
    stage.show("foreign-keys-again");
    stage.run("db_migrate upgrade head").ok();
    stage.hide();
    assert_eq!(stage.sql("SELECT id FROM comments ORDER BY id"), "1\n3");
    stage.run("db_migrate doctor").does_not_say(&["user_id = '77'"]);
}

/// A table that others point to cannot be dropped.
fn referenced(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.revision(
        "3d4e5f",
        Some(POSTS_ID),
        "drop users",
        "def upgrade():\n    op.drop_table(\"users\")\n\n\ndef downgrade():\n    raise NotImplementedError\n",
    );
    let before = stage.schema();
    stage.show("foreign-keys-referenced");
    stage.run("db_migrate doctor").exits(1).says(&["fk_posts_user_id_users"]);
    stage.hide();
    stage
        .run("db_migrate upgrade head")
        .exits(2)
        .says(&["fk_posts_user_id_users", "nothing of 3d4e5f was kept"]);
    assert_eq!(stage.schema(), before);
}

/// The guide's three steps, each in a file of its own.
fn in_steps(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.sql("INSERT INTO users (id, email) VALUES (1, 'ada@example.org')");
    stage.sql("INSERT INTO posts (id, user_id, title) VALUES (1, 1, 'hello')");
    let (drop, alter, create) = if stage.is_postgresql() {
        (
            "    op.drop_constraint('fk_posts_user_id_users', 'posts', type_='foreignkey')\n",
            "    op.alter_column('users', 'id', existing_type=sa.Integer(), type_=sa.BigInteger())\n",
            "    op.create_foreign_key('fk_posts_user_id_users', 'posts', 'users', ['user_id'], ['id'])\n",
        )
    } else {
        (
            "    with op.batch_alter_table('posts') as batch:\n        batch.drop_constraint('fk_posts_user_id_users', type_='foreignkey')\n",
            "    with op.batch_alter_table('users') as batch:\n        batch.alter_column('id', existing_type=sa.Integer(), type_=sa.BigInteger())\n",
            "    with op.batch_alter_table('posts') as batch:\n        batch.create_foreign_key('fk_posts_user_id_users', 'users', ['user_id'], ['id'])\n",
        )
    };
    for (id, down, message, code) in [
        ("3d4e5f", POSTS_ID, "drop the foreign key", drop),
        ("4e5f6a", "3d4e5f", "widen the ids", alter),
        ("5f6a7b", "4e5f6a", "put the foreign key back", create),
    ] {
        stage.revision(id, Some(down), message, &format!("def upgrade():\n{code}\n\ndef downgrade():\n    pass\n"));
    }
    stage.show("foreign-keys-steps");
    stage.run("db_migrate upgrade head").ok().says(&["Applied 3 revisions"]);
    stage.hide();
    let schema = stage.schema();
    assert!(
        schema.contains("fk_posts_user_id_users") && schema.to_lowercase().contains("id bigint"),
        "{schema}"
    );
    assert_eq!(stage.sql("SELECT user_id FROM posts"), "1");
}

#[test]
fn violated_on_postgresql() {
    on_postgresql(violated);
}

#[test]
fn violated_on_sqlite() {
    on_sqlite(violated);
}

#[test]
fn referenced_on_postgresql() {
    on_postgresql(referenced);
}

#[test]
fn in_steps_on_postgresql() {
    on_postgresql(in_steps);
}

#[test]
fn in_steps_on_sqlite() {
    on_sqlite(in_steps);
}
