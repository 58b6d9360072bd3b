//! `doctor` looks ahead: what it says of pending revisions, and what then really happens.

use crate::project::{Project, Ran};
use limbeck_test::{Database, Server};

const FIRST: &str = "def upgrade():
    op.create_table('users', sa.Column('id', sa.Integer, primary_key=True), sa.Column('email', sa.String(50)), sa.Column('phone_number', sa.String(20)))
    op.create_table('posts', sa.Column('id', sa.Integer, primary_key=True), sa.Column('user_id', sa.Integer))


def downgrade():
    pass";
const ROWS: &str = "INSERT INTO users VALUES (1, 'a@x', '555'), (2, 'b@x', ''), (3, NULL, NULL); INSERT INTO posts VALUES (1, 1), (2, 99)";

/// A project on PostgreSQL with the tables of the guide and some rows.
struct Guide<'server> {
    project: Project,
    database: Database<'server>,
}

impl Guide<'static> {
    fn new() -> Option<Self> {
        let server = match Server::shared() {
            Ok(server) => server,
            Err(why) => {
                println!("skipped: {why}");
                return None;
            }
        };
        let guide = Guide {
            project: Project::sqlite(),
            database: server.create_database(),
        };
        guide.project.revision("aa01", None, FIRST);
        guide.run(&["upgrade", "head"]).ok();
        guide.database.psql(ROWS).expect("the rows");
        Some(guide)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let url = self.database.url();
        self.project.run_in(&self.project.path("."), arguments, &[("DATABASE_URL", &url)])
    }

    /// Writes the second revision.
    fn second(&self, lines: &[&str]) {
        self.project.revision("bb02", Some("aa01"), &body(lines));
    }

    /// Asks; the database must be as it was.
    fn doctor(&self, check: &str) -> Ran {
        let before = self.database.dump();
        let ran = self.run(&["doctor", "--only", check]);
        assert_eq!(before, self.database.dump(), "{check} changed something");
        ran
    }

    #[track_caller]
    fn is_refused(&self, check: &str, words: &[&str]) {
        let ran = self.doctor(check);
        assert_eq!(ran.code, Some(1), "{}\n{}", ran.stdout, ran.stderr);
        for word in words {
            assert!(ran.stdout.contains(word), "{word:?} is not in:\n{}", ran.stdout);
        }
        assert_eq!(self.run(&["upgrade", "head"]).code, Some(2), "it was said to fail");
    }

    #[track_caller]
    fn is_fine(&self, check: &str) {
        let ran = self.doctor(check);
        assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
        self.run(&["upgrade", "head"]).ok();
    }
}

fn body(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("    {line}\n")).collect();
    format!("def upgrade():\n{}\n\ndef downgrade():\n    pass", lines.concat())
}

#[test]
fn a_conversion_of_the_guide_is_refused_until_the_data_is_clean() {
    let Some(guide) = Guide::new() else { return };
    let change = "op.alter_column('users', 'phone_number', existing_type=sa.String(), type_=sa.Integer(), postgresql_using='phone_number::integer')";
    guide.second(&[change]);
    guide.is_refused(
        "pending-conversions",
        &[
            "1 value of users.phone_number cannot be converted from character varying(20) to INTEGER: bb02 fails",
            "versions/bb02.py:10: ALTER TABLE users ALTER COLUMN phone_number TYPE INTEGER",
            "id = '2', phone_number = ''",
        ],
    );
    guide.second(&["op.execute(\"UPDATE users SET phone_number = NULL WHERE phone_number = ''\")", change]);
    guide.is_fine("pending-conversions");
}

#[test]
fn a_foreign_key_is_refused_until_the_rows_fit() {
    let Some(guide) = Guide::new() else { return };
    let key = "op.create_foreign_key('fk_posts_user_id_users', 'posts', 'users', ['user_id'], ['id'])";
    guide.second(&[key]);
    guide.is_refused(
        "pending-foreign-keys",
        &["1 row of posts", "id = '2', user_id = '99'", "fk_posts_user_id_users"],
    );
    // The remedy that is offered works as it is.
    let shown = guide.doctor("pending-foreign-keys").stdout;
    let remedy = shown
        .lines()
        .find_map(|line| line.split_once("to delete them, write before it: "))
        .expect("a remedy")
        .1;
    guide.second(&[remedy, key]);
    guide.is_fine("pending-foreign-keys");
}

#[test]
fn a_table_that_others_refer_to_is_not_dropped() {
    let Some(guide) = Guide::new() else { return };
    guide
        .database
        .psql("DELETE FROM posts; ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users")
        .expect("a foreign key");
    guide.second(&["op.drop_table('users')"]);
    guide.is_refused(
        "pending-dependents",
        &["foreign key `fk` of posts needs it", "op.drop_constraint('fk', 'posts', type_='foreignkey')"],
    );
    guide.second(&["op.drop_constraint('fk', 'posts', type_='foreignkey')", "op.drop_table('users')"]);
    guide.is_fine("pending-dependents");
}

#[test]
fn what_the_naming_convention_names_is_looked_up_by_that_name() {
    let Some(guide) = Guide::new() else { return };
    let env = std::fs::read_to_string(guide.project.path("migrations/env.py")).expect("env.py");
    let metadata = "import sqlalchemy\ntarget_metadata = sqlalchemy.MetaData(naming_convention={'ck': 'ck_%(table_name)s_%(constraint_name)s'})";
    guide.project.write("migrations/env.py", &env.replace("target_metadata = None", metadata));
    guide.second(&["op.create_check_constraint('phone', 'users', \"phone_number <> ''\")"]);
    guide.is_refused(
        "pending-check-constraints",
        &["check constraint `ck_users_phone` in bb02 fails", "phone_number = ''"],
    );
}

#[test]
fn scripts_see_what_earlier_pending_steps_would_have_made() {
    let Some(guide) = Guide::new() else { return };
    guide.second(&[
        "op.create_table('tags', sa.Column('id', sa.Integer, primary_key=True))",
        "op.drop_table('posts')",
    ]);
    guide.project.revision(
        "cc03",
        Some("bb02"),
        &body(&[
            "names = sa.inspect(op.get_bind()).get_table_names()",
            "assert 'tags' in names and 'posts' not in names and 'users' in names, names",
            "op.add_column('tags', sa.Column('name', sa.String(20), nullable=False))",
            "for row in op.get_bind().execute(sa.text('SELECT id FROM users')):",
            "    op.execute(sa.text('UPDATE users SET email = :e WHERE id = :i').bindparams(e='x', i=row.id))",
            "op.alter_column('users', 'email', nullable=False)",
        ]),
    );
    guide.is_fine("pending-not-null");
    assert_eq!(guide.database.psql("SELECT count(*) FROM users WHERE email = 'x'").expect("rows").trim(), "3");
}

#[test]
fn scripts_that_look_at_tables_see_earlier_pending_changes() {
    let Some(guide) = Guide::new() else { return };
    guide.second(&[
        "op.add_column('users', sa.Column('age', sa.Integer()))",
        "op.alter_column('users', 'email', new_column_name='mail')",
        "with op.batch_alter_table('users') as batch: batch.drop_column('phone_number')",
        "op.create_index('ix_users_mail', 'users', ['mail'])",
        "op.execute('UPDATE users SET age = 1')",
    ]);
    guide.project.revision(
        "cc03",
        Some("bb02"),
        &body(&[
            "inspector = sa.inspect(op.get_bind())",
            "columns = sorted(column['name'] for column in inspector.get_columns('users'))",
            "assert columns == ['age', 'id', 'mail'], columns",
            "assert [index['name'] for index in inspector.get_indexes('users')] == ['ix_users_mail']",
            "op.drop_index('ix_users_mail', 'users')",
            "assert not sa.inspect(op.get_bind()).get_indexes('users')",
            "op.alter_column('users', 'age', nullable=False)",
        ]),
    );
    guide.is_fine("pending-not-null");
}

#[test]
fn what_cannot_be_known_before_is_said() {
    let Some(guide) = Guide::new() else { return };
    guide.second(&[
        "op.create_table('tags', sa.Column('id', sa.Integer, primary_key=True))",
        "op.execute('INSERT INTO tags VALUES (1)')",
        "print(op.get_bind().execute(sa.text('SELECT id FROM tags')).scalar_one())",
        "op.alter_column('users', 'email', nullable=False)",
    ]);
    let ran = guide.doctor("pending-scripts");
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stdout.contains("it reads `tags`, which revision bb02 makes"), "{}", ran.stdout);
    assert!(ran.stdout.contains("bb02.py:12"), "{}", ran.stdout);
    assert_eq!(guide.doctor("pending-not-null").code, Some(2));
}

#[test]
fn a_script_that_fails_by_itself_is_a_problem() {
    let Some(guide) = Guide::new() else { return };
    guide.second(&["op.add_column('users', sa.Column('a', sa.Integer()))", "raise ValueError('no limit is set')"]);
    guide.is_refused("pending-scripts", &["bb02 fails by itself: ValueError: no limit is set", "bb02.py:11"]);
}

#[test]
fn writes_of_scripts_are_not_done() {
    let Some(guide) = Guide::new() else { return };
    guide.second(&[
        "bind = op.get_bind()",
        "bind.execute(sa.text(\"UPDATE users SET email = 'gone'\"))",
        "bind.execute(sa.text(\"INSERT INTO users (id) VALUES (9) RETURNING id\"))",
        "bind.execute(sa.text(\"SELECT setval('users_id_seq', 500)\"))",
        "bind.execute(sa.text(\"SELECT lo_create(0)\"))",
        "with op.get_context().autocommit_block(): op.execute('CREATE INDEX CONCURRENTLY i ON users (email)')",
        "bind.execute(sa.text('COMMIT'))",
    ]);
    let before = guide.database.psql("SELECT last_value FROM users_id_seq").expect("a sequence");
    let ran = guide.doctor("pending-scripts");
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert_eq!(guide.database.psql("SELECT last_value FROM users_id_seq").expect("a sequence"), before);
    assert_eq!(
        guide.database.psql("SELECT count(*) FROM pg_largeobject_metadata").expect("objects").trim(),
        "0"
    );
    assert_eq!(guide.database.psql("SELECT version_num FROM alembic_version").expect("a row").trim(), "aa01");
}

#[test]
fn revisions_in_sql_are_looked_at_too() {
    let Some(guide) = Guide::new() else { return };
    guide.second(&["pass"]);
    guide.run(&["upgrade", "head"]).ok();
    let made = guide.run(&["generate", "not null", "--format", "sql"]);
    let Some(path) = std::fs::read_dir(guide.project.path("migrations/versions"))
        .expect("versions")
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "sql"))
    else {
        println!("skipped: no revision in SQL was made: {}", made.stderr);
        return;
    };
    let text = std::fs::read_to_string(&path).expect("the revision");
    let text = text.replace("-- limbeck:up\n", "-- limbeck:up\nALTER TABLE users ALTER COLUMN email SET NOT NULL;\n");
    std::fs::write(&path, text).expect("the revision");
    guide.is_refused("pending-not-null", &["1 row of users have no email", ".sql:"]);
}

#[test]
fn on_sqlite_the_pending_revisions_are_tried_on_a_copy() {
    let project = Project::sqlite();
    project.revision("aa01", None, FIRST);
    project.run(&["upgrade", "head"]).ok();
    let rows = "op.execute(\"INSERT INTO users VALUES (1, 'a@x', NULL), (2, NULL, NULL), (3, 'a@x', NULL)\")";
    project.revision("bb02", Some("aa01"), &body(&[rows]));
    project.run(&["upgrade", "head"]).ok();
    for (line, check, words) in [
        (
            "with op.batch_alter_table('users') as batch: batch.alter_column('email', existing_type=sa.String(50), nullable=False)",
            "pending-not-null",
            ["cc03 fails: NOT NULL constraint failed", "users: 1 rows without it", "users: rowid = 2"],
        ),
        (
            "op.create_index('ix', 'users', ['email'], unique=True)",
            "pending-unique",
            [
                "cc03 fails: UNIQUE constraint failed: users.email",
                "users: 1 values more than once",
                "'a@x' (2 times)",
            ],
        ),
        (
            "op.create_table('posts', sa.Column('id', sa.Integer))",
            "pending-objects",
            ["already exists", "cc03.py:10", "CREATE TABLE posts"],
        ),
        ("raise ValueError('no')", "pending-scripts", ["ValueError: no", "cc03.py:10", "tried on a copy"]),
    ] {
        project.revision("cc03", Some("bb02"), &body(&[line]));
        let before = std::fs::read(project.path("app.db")).expect("the file");
        let ran = project.run(&["doctor", "--only", check]);
        assert_eq!(before, std::fs::read(project.path("app.db")).expect("the file"), "{line} changed the file");
        assert_eq!(ran.code, Some(1), "{line}: {}{}", ran.stdout, ran.stderr);
        for word in words {
            assert!(ran.stdout.contains(word), "{line}: {word:?} is not in:\n{}", ran.stdout);
        }
        assert_eq!(project.run(&["upgrade", "head"]).code, Some(2), "{line} was said to fail");
    }
    let mend = "op.execute(\"UPDATE users SET email = 'b@x' WHERE email IS NULL OR id = 3\")";
    let batch = "with op.batch_alter_table('users') as batch: batch.alter_column('email', existing_type=sa.String(50), nullable=False)";
    project.revision("cc03", Some("bb02"), &body(&[mend, batch]));
    let shown = project.run(&["doctor", "--only", "pending-scripts"]).ok();
    assert!(shown.contains("1 pending revision ran on a copy of the database"), "{shown}");
    project.run(&["upgrade", "head"]).ok();
}

#[test]
fn branches_are_compared_without_a_database() {
    let project = Project::sqlite();
    project.revision("aa01", None, FIRST);
    project.revision("bb02", Some("aa01"), &body(&["op.add_column('users', sa.Column('a', sa.Integer()))"]));
    project.revision("cc03", Some("aa01"), &body(&["op.add_column('users', sa.Column('b', sa.Integer()))"]));
    let shown = project.run(&["doctor", "--only", "multiple-heads"]).stdout;
    assert!(shown.contains("the branches commute"), "{shown}");
    let rename = "with op.batch_alter_table('users') as batch: batch.alter_column('email', new_column_name='mail', existing_type=sa.String(50))";
    project.revision("bb02", Some("aa01"), &body(&[rename]));
    project.revision(
        "cc03",
        Some("aa01"),
        &body(&["op.execute(\"ALTER TABLE users RENAME COLUMN email TO address\")"]),
    );
    let shown = project.run(&["doctor", "--only", "multiple-heads"]).stdout;
    assert!(shown.contains("both alter users.email"), "{shown}");
    project.revision("cc03", Some("aa01"), &body(&["op.get_bind().execute(sa.text('SELECT 1')).scalar_one()"]));
    let shown = project.run(&["doctor", "--only", "multiple-heads"]).stdout;
    assert!(shown.contains("whether the branches touch the same objects is not known"), "{shown}");
}

#[test]
fn sqlite_tells_what_is_lost_and_what_points_to_nothing() {
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        &body(&["op.execute('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, phone TEXT)')"]),
    );
    project.revision(
        "bb02",
        Some("aa01"),
        &body(&["op.execute('CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id))')"]),
    );
    project.run(&["upgrade", "head"]).ok();
    project.sql("INSERT INTO users VALUES (1, 'a', '1'), (2, 'b', NULL)");
    project.sql("PRAGMA foreign_keys = OFF; INSERT INTO posts VALUES (1, 1), (2, 77)");
    let ran = project.run(&["doctor", "--only", "pending"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("1 row of posts refers to no row of users already now") && ran.stdout.contains("posts: rowid = 2"),
        "{}",
        ran.stdout
    );
    project.sql("DELETE FROM posts WHERE id = 2");
    project.revision(
        "cc03",
        Some("bb02"),
        &body(&[
            "op.drop_column('users', 'phone')",
            "op.drop_table('posts')",
            "op.alter_column('users', 'name', new_column_name='full_name')",
        ]),
    );
    let before = std::fs::read(project.path("app.db")).expect("the file");
    let ran = project.run(&["doctor", "--only", "pending-losses,pending-foreign-keys"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    for words in [
        "drop posts with its 1 row",
        "drop users.phone with its values in 1 row",
        "every row refers to one that is there",
    ] {
        assert!(ran.stdout.contains(words), "{words:?} is not in:\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("users.name"), "a rename loses nothing: {}", ran.stdout);
    assert_eq!(before, std::fs::read(project.path("app.db")).expect("the file"), "it was only looked at");
}
