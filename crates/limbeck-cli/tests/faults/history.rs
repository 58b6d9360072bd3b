//! A history in which everything occurs that a run can be interrupted in.
//!
//! Each revision counts: `count()` raises a number in a row of its own and `log()` adds a row to a table without a key,
//! so that work done twice shows. What differs from run to run by its nature goes to columns named `random_…`.

use crate::project::Project;

/// One script: its id, the ids below it, the body of `upgrade()` and after `# down` that of `downgrade()`, the oldest PostgreSQL that can run it.
pub struct Revision {
    pub id: &'static str,
    down: &'static [&'static str],
    body: &'static str,
    since: u32,
}

const fn revision(id: &'static str, down: &'static [&'static str], body: &'static str) -> Revision {
    Revision { id, down, body, since: 0 }
}

const fn since(since: u32, id: &'static str, down: &'static [&'static str], body: &'static str) -> Revision {
    Revision { id, down, body, since }
}

const PRELUDE: &str = r#"
import datetime
import uuid

import sqlalchemy as sa
from alembic import op


def count():
    op.execute(f"UPDATE counter SET n = n + 1 WHERE name = '{revision}'")


def log(line):
    op.execute(sa.text("INSERT INTO log (line) VALUES (:line)").bindparams(line=f"{revision} {line}"))

"#;

/// Everything that PostgreSQL's revisions hold.
pub const POSTGRESQL: &[Revision] = &[
    revision(
        "f01",
        &[],
        r#"
op.create_table("counter", sa.Column("name", sa.Text()), sa.Column("n", sa.Integer(), server_default="0"))
op.execute("INSERT INTO counter (name) SELECT 'f' || to_char(g, 'FM00') FROM generate_series(1, 60) g")
op.create_table("log", sa.Column("line", sa.Text()))
op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False), sa.Column("name", sa.Text()), sa.Column("email", sa.Text()))
op.execute("INSERT INTO users SELECT g, 'user ' || g, 'u' || g || '@example.org' FROM generate_series(1, 200) g")
count()
"#,
    ),
    revision(
        "f02",
        &["f01"],
        r#"
table = op.create_table("city", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text(), nullable=False))
op.bulk_insert(table, [{"id": 1, "name": "Ulm"}, {"id": 2, "name": "O'Fallon"}])
count()
"#,
    ),
    revision(
        "f03",
        &["f02"],
        r#"
op.execute("CREATE TABLE token (user_id integer, random_id uuid, random_at timestamptz)")
for user in (1, 2, 3):
    op.execute(sa.text("INSERT INTO token VALUES (:u, :i, :a)").bindparams(u=user, i=str(uuid.uuid4()), a=datetime.datetime.now().isoformat()))
count()
"#,
    ),
    revision(
        "f04",
        &["f03"],
        r#"
op.execute("CREATE SEQUENCE ticket")
op.create_table("visit", sa.Column("random_id", sa.BigInteger(), server_default=sa.text("nextval('ticket')")), sa.Column("at", sa.Text(), server_default="here"))
op.execute("INSERT INTO visit DEFAULT VALUES")
op.execute("SELECT nextval('ticket')")
count()
"#,
    ),
    revision(
        "f05",
        &["f04"],
        r#"
rows = op.get_bind().execute(sa.text("SELECT id, name FROM users WHERE id <= 3 ORDER BY id")).fetchall()
for row in rows:
    log(f"read {row.id} {row.name}")
count()
"#,
    ),
    revision("f06", &["f05"], r#"op.execute("CREATE INDEX CONCURRENTLY ix_users_name ON users (name)")"#),
    revision(
        "f07",
        &["f06"],
        r#"
with op.get_context().autocommit_block():
    op.create_index("ix_users_email", "users", ["email"], unique=True, postgresql_concurrently=True)
"#,
    ),
    revision(
        "f08",
        &["f07"],
        r#"
count()
log("first")
op.execute("CREATE INDEX CONCURRENTLY ix_f08_a ON users (lower(name))")
count()
log("second")
op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_f08_b ON users (lower(email))")
count()
log("third")
"#,
    ),
    revision(
        "f09",
        &["f08"],
        r#"
op.add_column("users", sa.Column("age", sa.Integer()))
op.execute("UPDATE users SET age = id % 90")
op.alter_column("users", "age", nullable=False)
count()
"#,
    ),
    revision(
        "f10",
        &["f09"],
        r#"
op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
op.execute("CREATE TABLE person (name text, mood mood DEFAULT 'ok')")
op.execute("INSERT INTO person (name) VALUES ('ann'), ('bob')")
count()
"#,
    ),
    revision(
        "f11",
        &["f10"],
        r#"
count()
op.execute("ALTER TYPE mood ADD VALUE 'happy'")
op.execute("INSERT INTO person VALUES ('cid', 'happy')")
count()
"#,
    ),
    revision(
        "f12",
        &["f11"],
        r#"
count()
op.execute("COMMIT")
op.execute("CREATE INDEX CONCURRENTLY ix_users_age ON users (age)")
log("after a commit of its own")
count()
"#,
    ),
    revision(
        "f13",
        &["f12"],
        r#"
bind = op.get_bind()
bind.execute(sa.text("INSERT INTO log (line) VALUES ('f13 before')"))
count()
bind.commit()
bind.execute(sa.text("INSERT INTO log (line) VALUES ('f13 after')"))
count()
"#,
    ),
    revision(
        "f14",
        &["f13"],
        r#"
with op.get_context().autocommit_block():
    op.drop_index("ix_users_age", table_name="users", postgresql_concurrently=True)
count()
op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_f08_a")
count()
"#,
    ),
    since(12, "f15", &["f14"], "count()\nop.execute('REINDEX INDEX CONCURRENTLY ix_users_name')\ncount()"),
    revision(
        "f16",
        &["f15"],
        r#"
op.execute("CREATE TABLE event (id integer NOT NULL, year integer NOT NULL) PARTITION BY LIST (year)")
for year in (2024, 2025, 2026):
    op.execute(f"CREATE TABLE event_{year} PARTITION OF event FOR VALUES IN ({year})")
op.execute("INSERT INTO event SELECT g, 2024 + g % 3 FROM generate_series(1, 30) g")
count()
"#,
    ),
    since(
        14,
        "f17",
        &["f16"],
        r#"
count()
op.execute("ALTER TABLE event DETACH PARTITION event_2024 CONCURRENTLY")
log("detached")
count()
"#,
    ),
    revision("f18", &["f17"], "count()\nop.execute('VACUUM users')\nlog('vacuumed')\ncount()"),
    revision(
        "f19",
        &["f18"],
        r#"
count()
with op.get_context().autocommit_block():
    count()
    log("in the block")
count()
"#,
    ),
    revision(
        "f20",
        &["f19"],
        r#"
op.execute("UPDATE counter SET n = n + 1 WHERE name = 'f20'; CREATE INDEX CONCURRENTLY ix_f20 ON log (line); UPDATE counter SET n = n + 1 WHERE name = 'f20'")
count()
"#,
    ),
    revision(
        "f21",
        &["f20"],
        r#"
# What a script has read before the cut is used after it.
bind = op.get_bind()
before = bind.execute(sa.text("SELECT n FROM counter WHERE name = 'f21'")).scalar()
count()
count()
op.execute("CREATE INDEX CONCURRENTLY ix_f21 ON counter (name)")
log(f"the counter was {before}")
count()
"#,
    ),
    revision(
        "f22",
        &["f21"],
        r#"
# Values that differ at every run stand before and after the cut.
insert = sa.text("INSERT INTO token VALUES (:u, :i, :a)")
bind = op.get_bind()
bind.execute(insert, {"u": 22, "i": uuid.uuid4(), "a": datetime.datetime.now()})
count()
op.execute("CREATE INDEX CONCURRENTLY ix_f22 ON token (user_id)")
bind.execute(insert, {"u": 22, "i": uuid.uuid4(), "a": datetime.datetime.now()})
count()
"#,
    ),
    revision(
        "f23",
        &["f22"],
        r#"
op.execute("CREATE UNIQUE INDEX CONCURRENTLY uq_users_email ON users (email)")
op.execute("ALTER TABLE users ADD CONSTRAINT uq_users_email UNIQUE USING INDEX uq_users_email")
count()
"#,
    ),
    revision(
        "f24",
        &["f23"],
        r#"
op.execute("ALTER TABLE token ADD CONSTRAINT fk_token_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID")
op.execute("COMMIT")
op.execute("ALTER TABLE token VALIDATE CONSTRAINT fk_token_user")
count()
"#,
    ),
    revision(
        "f25",
        &["f24"],
        r#"
op.execute("CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a * 2'")
op.execute("CREATE VIEW grown AS SELECT id, twice(age) AS age FROM users WHERE age > 17")
op.execute("DO $$ BEGIN UPDATE counter SET n = n + 1 WHERE name = 'f25'; END $$")
"#,
    ),
    // Two branches from f25, joined again.
    revision(
        "f26",
        &["f25"],
        "op.add_column('city', sa.Column('code', sa.Text(), server_default='x'))\ncount()",
    ),
    revision(
        "f27",
        &["f26"],
        "count()\nop.execute('CREATE INDEX CONCURRENTLY ix_city_code ON city (code)')\nlog('left')\ncount()",
    ),
    revision("f28", &["f25"], "op.create_table('right_side', sa.Column('a', sa.Integer()))\ncount()"),
    revision(
        "f29",
        &["f28"],
        "count()\nop.create_index('ix_right', 'right_side', ['a'], postgresql_concurrently=True)\nlog('right')\ncount()",
    ),
    revision("f30", &["f27", "f29"], "pass"),
    revision("f31", &["f30"], "op.drop_column('city', 'code')\ncount()"),
    revision(
        "f32",
        &["f31"],
        r#"
with op.get_context().autocommit_block():
    op.execute("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm' BEFORE 'happy'")
op.execute("UPDATE person SET mood = 'calm' WHERE name = 'ann'")
count()
"#,
    ),
    revision(
        "f33",
        &["f32"],
        r#"
for name in ("a", "b", "c"):
    log(name)
    op.execute(f"CREATE INDEX CONCURRENTLY ix_f33_{name} ON log ((line || '{name}'))")
    count()
"#,
    ),
    revision(
        "f34",
        &["f33"],
        r#"
count()
op.execute("CREATE MATERIALIZED VIEW ages AS SELECT age, count(*) AS users FROM users GROUP BY age")
op.execute("CREATE UNIQUE INDEX ON ages (age)")
op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY ages")
log("refreshed")
"#,
    ),
    since(
        12,
        "f35",
        &["f34"],
        "log('first')\nop.execute('REINDEX TABLE CONCURRENTLY city')\nlog('second')",
    ),
    revision(
        "f36",
        &["f35"],
        r#"
# A refused statement that the script catches, and a savepoint, before the cut.
bind = op.get_bind()
try:
    with bind.begin_nested():
        bind.execute(sa.text("INSERT INTO city (id, name) VALUES (1, 'a second Ulm')"))
except sa.exc.IntegrityError:
    log("refused")
with bind.begin_nested():
    count()
op.execute("CREATE INDEX CONCURRENTLY ix_f36 ON city (name)")
log("after")
count()
"#,
    ),
    revision(
        "f37",
        &["f36"],
        r#"
# What the inspector said before the cut decides what happens after it.
def indexes():
    return sorted(index["name"] for index in sa.inspect(op.get_bind()).get_indexes("city"))

for name in ("ix_f36", "ix_f37_a", "ix_f37_b"):
    there = name in indexes()
    log(f"{name} {there}")
    if not there:
        with op.get_context().autocommit_block():
            op.create_index(name, "city", [sa.text("upper(name)")], postgresql_concurrently=True, if_not_exists=True)
log(str(indexes()))
count()
"#,
    ),
    revision(
        "f38",
        &["f37"],
        r#"
# A backfill in batches, each committed.
op.add_column("users", sa.Column("grown", sa.Boolean()))
bind = op.get_bind()
bind.commit()
batches = 0
while True:
    done = bind.execute(sa.text("UPDATE users SET grown = age > 17 WHERE id IN (SELECT id FROM users WHERE grown IS NULL ORDER BY id LIMIT 60)"))
    count()
    bind.commit()
    if done.rowcount == 0:
        break
    batches += 1
log(f"{batches} batches")
"#,
    ),
    revision(
        "f39",
        &["f38"],
        r#"
op.execute("CREATE INDEX CONCURRENTLY ON users (grown)")
count()
op.execute("CREATE INDEX CONCURRENTLY ON users (grown)")
count()
"#,
    ),
    revision(
        "f40",
        &["f39"],
        r#"
# What is set for the session before the cut holds after it.
op.execute("CREATE SCHEMA side")
op.execute("SET search_path = side, public")
op.create_table("inner_table", sa.Column("a", sa.Integer()))
op.execute("CREATE INDEX CONCURRENTLY ix_f40 ON inner_table (a)")
op.execute("INSERT INTO inner_table VALUES (1)")
count()
op.execute("RESET search_path")
"#,
    ),
    revision("f41", &["f40"], "count()\nop.execute('ANALYZE users')\nlog('the end')"),
];

/// What SQLite's revisions hold; each prints a line before everything it does.
pub const SQLITE: &[Revision] = &[
    revision(
        "f01",
        &[],
        r#"
op.create_table("counter", sa.Column("name", sa.Text()), sa.Column("n", sa.Integer(), server_default="0"))
for number in range(1, 41):
    op.execute(f"INSERT INTO counter (name) VALUES ('f{number:02}')")
print("point")
op.create_table("log", sa.Column("line", sa.Text()))
op.create_table("parent", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()))
print("point")
op.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) ON DELETE CASCADE, text TEXT)")
op.execute("WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 300) INSERT INTO parent SELECT n, 'p' || n FROM g")
print("point")
op.execute("INSERT INTO child SELECT id, id, hex(zeroblob(200)) FROM parent")
count()
"#,
    ),
    revision(
        "f02",
        &["f01"],
        "count()\nprint('point')\nop.create_index('ix_child', 'child', ['parent'])\nprint('point')\nlog('indexed')",
    ),
    revision(
        "f03",
        &["f02"],
        r#"
with op.batch_alter_table("child") as batch:
    batch.add_column(sa.Column("extra", sa.Integer(), server_default="7"))
print("point")
with op.batch_alter_table("child", recreate="always") as batch:
    batch.alter_column("text", new_column_name="words", existing_type=sa.Text())
print("point")
count()
"#,
    ),
    revision(
        "f04",
        &["f03"],
        r#"
op.execute("UPDATE child SET words = words || 'x'")
print("point")
for row in op.get_bind().execute(sa.text("SELECT id FROM parent WHERE id < 4 ORDER BY id")).fetchall():
    log(f"read {row.id}")
    print("point")
count()
"#,
    ),
    revision(
        "f05",
        &["f04"],
        r#"
count()
op.get_bind().commit()
print("point")
log("after a commit of its own")
print("point")
count()
"#,
    ),
    revision(
        "f06",
        &["f05"],
        r#"
count()
print("point")
with op.get_context().autocommit_block():
    print("point")
    op.execute("VACUUM")
    print("point")
log("vacuumed")
count()
"#,
    ),
    revision(
        "f07",
        &["f06"],
        r#"
with op.batch_alter_table("parent", recreate="always") as batch:
    batch.add_column(sa.Column("born", sa.Integer()))
    print("point")
print("point")
op.execute("UPDATE parent SET born = 1900 + id")
print("point")
count()
"#,
    ),
    revision(
        "f08",
        &["f07"],
        "count()\nprint('point')\nop.execute('VACUUM')\nprint('point')\nlog('vacuumed again')\ncount()",
    ),
    revision(
        "f09",
        &["f07"],
        "op.create_table('side', sa.Column('a', sa.Integer()))\nprint('point')\ncount()",
    ),
    revision("f10", &["f08", "f09"], "pass"),
    revision(
        "f11",
        &["f10"],
        r#"
print("point")
op.execute("CREATE TABLE token (a INTEGER, random_id TEXT)")
op.execute(sa.text("INSERT INTO token VALUES (1, :i)").bindparams(i=str(uuid.uuid4())))
print("point")
count()
op.execute("COMMIT")
print("point")
op.execute(sa.text("INSERT INTO token VALUES (2, :i)").bindparams(i=str(uuid.uuid4())))
count()
"#,
    ),
    revision(
        "f12",
        &["f11"],
        r#"
bind = op.get_bind()
op.execute("ALTER TABLE parent ADD COLUMN grown INTEGER")
bind.commit()
while True:
    print("point")
    done = bind.execute(sa.text("UPDATE parent SET grown = id % 2 WHERE id IN (SELECT id FROM parent WHERE grown IS NULL ORDER BY id LIMIT 80)"))
    count()
    print("point")
    bind.commit()
    if done.rowcount == 0:
        break
try:
    with bind.begin_nested():
        bind.execute(sa.text("INSERT INTO parent (id, name) VALUES (1, 'again')"))
except sa.exc.IntegrityError:
    log("refused")
bind.commit()
print("point")
log(str(sorted(column["name"] for column in sa.inspect(bind).get_columns("parent"))))
"#,
    ),
    revision(
        "f13",
        &["f12"],
        r#"
print("point")
op.execute("DELETE FROM child WHERE id > 290")
op.drop_index("ix_child", table_name="child")
print("point")
log("the end")
count()
print("point")
"#,
    ),
];

/// A history whose `downgrade()` does what matters (it counts in the table that the first revision leaves behind).
pub const REVERTED: &[Revision] = &[
    revision(
        "g01",
        &[],
        r#"
op.execute("CREATE TABLE IF NOT EXISTS counter (name text, n integer)")
op.execute("INSERT INTO counter SELECT 'g' || to_char(g, 'FM00'), 0 FROM generate_series(1, 9) g")
op.execute("CREATE TABLE log (line text)")
op.execute("CREATE TABLE users AS SELECT g AS id, 'user ' || g AS name FROM generate_series(1, 200) g")
# down
count()
"#,
    ),
    revision(
        "g02",
        &["g01"],
        r#"
op.execute("CREATE INDEX CONCURRENTLY ix_g02 ON users (id)")
# down
count()
op.execute("DROP INDEX CONCURRENTLY ix_g02")
log("down")
count()
"#,
    ),
    revision(
        "g03",
        &["g02"],
        r#"
op.add_column("users", sa.Column("age", sa.Integer(), server_default="3"))
# down
op.drop_column("users", "age")
count()
"#,
    ),
    revision(
        "g04",
        &["g03"],
        r#"
op.execute("CREATE INDEX ix_g04 ON users (name)")
# down
log("first")
with op.get_context().autocommit_block():
    op.drop_index("ix_g04", table_name="users", postgresql_concurrently=True)
log("second")
op.execute("CREATE INDEX CONCURRENTLY ix_g04_old ON users (lower(name))")
count()
"#,
    ),
    revision(
        "g05",
        &["g03"],
        "op.create_table('side', sa.Column('a', sa.Integer()))\n# down\nop.drop_table('side')\ncount()",
    ),
    revision("g06", &["g04", "g05"], "pass\n# down\ncount()\nop.get_bind().commit()\nlog('down')\ncount()"),
];

/// Writes the scripts of a history. Those that a server of this major version cannot run are empty, and those that
/// `LIMBECK_FAULTS_EMPTY=f06,f17` names: a way to find out which one does not hold.
pub fn write(project: &Project, history: &[Revision], server_major: u32) {
    let empty = std::env::var("LIMBECK_FAULTS_EMPTY").unwrap_or_default();
    for revision in history {
        let id = revision.id;
        let emptied = empty.split(',').any(|empty| empty == id);
        let body = if revision.since <= server_major && !emptied { revision.body } else { "pass" };
        let (up, down_body) = body.split_once("# down\n").unwrap_or((body, "pass"));
        let indented = |body: &str| body.trim().lines().map(|line| format!("    {line}\n")).collect::<String>();
        let down = match revision.down {
            [] => "None".to_owned(),
            [one] => format!("{one:?}"),
            several => format!("({})", several.iter().map(|id| format!("{id:?}, ")).collect::<String>()),
        };
        let text = format!(
            "\"\"\"step {id}\"\"\"\n{PRELUDE}\nrevision = {id:?}\ndown_revision = {down}\n\n\ndef upgrade():\n{}\n\ndef downgrade():\n{}",
            indented(up),
            indented(down_body)
        );
        project.write(&format!("migrations/versions/{id}.py"), &text);
    }
}
