//! 8. Data type conversion: text that is no number. SQLite keeps any value in any column, so this is PostgreSQL's alone.

use crate::stage::{POSTS_ID, Stage, on_postgresql};

const ID: &str = "6a7b8c";

const WRONG: &str = "def upgrade():
    op.alter_column(
        \"users\",
        \"phone_number\",
        existing_type=sa.String(40),
        type_=sa.BigInteger(),
        postgresql_using=\"phone_number::bigint\",
    )


def downgrade():
    op.alter_column(\"users\", \"phone_number\", existing_type=sa.BigInteger(), type_=sa.String(40))
";

/// The guide's first way: clean up, then convert.
const CLEANED: &str = "def upgrade():
    # First, clean up the data
    op.execute(\"UPDATE users SET phone_number = NULL WHERE phone_number !~ '^[0-9]+$'\")

    # Then change the type
    op.alter_column(
        \"users\",
        \"phone_number\",
        existing_type=sa.String(40),
        type_=sa.BigInteger(),
        postgresql_using=\"phone_number::bigint\",
    )


def downgrade():
    op.alter_column(\"users\", \"phone_number\", existing_type=sa.BigInteger(), type_=sa.String(40))
";

/// The guide's second way: a temporary column.
const COLUMN: &str = "def upgrade():
    # Add temporary column
    op.add_column('users', sa.Column('phone_number_int', sa.BigInteger(), nullable=True))

    # Transform data
    op.execute(\"UPDATE users SET phone_number_int = phone_number::bigint WHERE phone_number ~ '^[0-9]+$'\")

    # Drop old column
    op.drop_column('users', 'phone_number')

    # Rename new column
    op.alter_column('users', 'phone_number_int', new_column_name='phone_number')


def downgrade():
    op.alter_column('users', 'phone_number', existing_type=sa.BigInteger(), type_=sa.String(40))
";

fn users(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.sql("INSERT INTO users (id, email, phone_number) VALUES (1, 'ada@example.org', '5550100'), (2, 'bob@example.org', ''), (3, 'cyd@example.org', '555-0199'), (4, 'dee@example.org', NULL)");
}

fn converted(stage: &Stage) {
    assert_eq!(stage.sql("SELECT id, phone_number FROM users ORDER BY id"), "1|5550100\n2|\n3|\n4|");
    let kind = "SELECT data_type FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'phone_number'";
    assert_eq!(stage.sql(kind), "bigint");
}

fn cleaned(stage: &mut Stage) {
    users(stage);
    stage.revision(ID, Some(POSTS_ID), "phone numbers are numbers", WRONG);
    stage.show("conversions-doctor");
    stage.run("db_migrate doctor").exits(1).says(&["users.phone_number", "555-0199"]);
    stage.show("conversions-upgrade");
    stage
        .run("db_migrate upgrade head")
        .exits(2)
        .says(&["invalid input syntax for type bigint", "nothing of 6a7b8c was kept"]);
    stage.hide();
    stage.revision(ID, Some(POSTS_ID), "phone numbers are numbers", CLEANED);
    // What an earlier statement of the same run cleans up is no problem.
    stage.run("db_migrate doctor").does_not_say(&["555-0199"]);
    stage.show("conversions-again");
    stage.run("db_migrate upgrade head").ok();
    stage.hide();
    converted(stage);
}

fn by_a_column(stage: &mut Stage) {
    users(stage);
    stage.revision(ID, Some(POSTS_ID), "phone numbers are numbers", COLUMN);
    stage.run("db_migrate upgrade head").ok();
    converted(stage);
}

#[test]
fn cleaned_on_postgresql() {
    on_postgresql(cleaned);
}

#[test]
fn by_a_column_on_postgresql() {
    on_postgresql(by_a_column);
}
