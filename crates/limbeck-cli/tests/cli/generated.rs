//! Generated revisions on tables with rows: what rows refuse is told before, what can keep its rows keeps them, and the way back leads back.

use crate::autogenerate::{revision, with_models};
use crate::project::{Project, Ran, server};
use limbeck_test::Database;

fn on(project: &Project, database: &Database<'_>, arguments: &[&str]) -> Ran {
    let url = database.url();
    let mut all = vec!["--url", url.as_str()];
    all.extend(arguments);
    project.run(&all)
}

fn psql(database: &Database<'_>, sql: &str) -> String {
    database.psql(sql).expect("an answer").trim().to_owned()
}

const PERSON: &str =
    r#"sa.Table("person", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(30)), sa.Column("mail", sa.String(30)))"#;

#[test]
fn what_rows_refuse_is_told_with_their_number() {
    let project = Project::sqlite();
    with_models(&project, PERSON);
    project.run(&["generate", "first", "--autogenerate"]).ok();
    project.run(&["upgrade", "head"]).ok();
    project.sql("INSERT INTO person (id, name, mail) VALUES (1, NULL, 'a'), (2, 'bo', 'a'), (3, 'cy', NULL)");
    let stricter = PERSON
        .replace(r#""name", sa.String(30)"#, r#""name", sa.String(30), nullable=False"#)
        .replace(r#""mail", sa.String(30)"#, r#""mail", sa.String(30), unique=True"#)
        .replace("))", r#"), sa.Column("age", sa.Integer, nullable=False))"#);
    with_models(
        &project,
        &stricter.replacen("), sa.Column(\"age\", sa.Integer, nullable=False)), sa", "), sa", 1),
    );
    let said = project.run(&["generate", "second", "--autogenerate"]);
    for words in [
        "warning: column person.name becomes NOT NULL, but 1 row has NULL: fill it first",
        "warning: column person.age is NOT NULL without a default and table person has 3 rows, so adding it will fail",
        "warning: unique constraint (mail) comes to table person, but 1 value is there more than once",
    ] {
        assert!(said.stderr.contains(words), "{words}:\n{}", said.stderr);
    }
    let text = revision(&project, "_second.py");
    assert!(text.contains("# column person.name becomes NOT NULL, but 1 row has NULL"), "{text}");
    project.run(&["upgrade", "head"]).fails_with(&["NOT NULL"]);
}

#[test]
fn values_that_a_type_refuses_or_cuts_are_counted() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = Project::sqlite();
    let things = |name: &str, size: &str, price: &str| {
        format!(
            r#"sa.Table("thing", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", {name}), sa.Column("size", {size}), sa.Column("price", {price}))"#
        )
    };
    with_models(&project, &things("sa.Text", "sa.Text", "sa.Numeric(10, 4)"));
    on(&project, &database, &["generate", "first", "--autogenerate"]).ok();
    on(&project, &database, &["upgrade", "head"]).ok();
    psql(
        &database,
        "INSERT INTO thing (name, size, price) VALUES ('much too long', '12', 1.2345), ('short', 'big', 1.2), ('also too long', '7', 1)",
    );
    with_models(&project, &things("sa.String(5)", "sa.Integer", "sa.Numeric(10, 2)"));
    let said = on(&project, &database, &["generate", "second", "--autogenerate"]);
    for words in [
        "column thing.name becomes VARCHAR(5), but 2 rows hold longer values: shorten them first",
        "column thing.size becomes INTEGER, but 1 row holds values that cannot become one",
        "column thing.price becomes NUMERIC(10, 2), but 1 row holds values of which part will be lost",
    ] {
        assert!(said.stderr.contains(words), "{words}:\n{}", said.stderr);
    }
    psql(&database, "UPDATE thing SET name = left(name, 5), size = 1");
    on(&project, &database, &["upgrade", "head"]).ok();
    on(&project, &database, &["check"]).ok();
    // An integer is not cut when it becomes a text that is too short for it.
    psql(&database, "UPDATE thing SET size = 12345");
    with_models(&project, &things("sa.String(5)", "sa.String(2)", "sa.Numeric(10, 2)"));
    let said = on(&project, &database, &["generate", "third", "--autogenerate"]);
    assert!(said.stderr.contains("3 rows hold longer values"), "{}", said.stderr);
    on(&project, &database, &["upgrade", "head"]).fails_with(&["value too long"]);
    assert_eq!(psql(&database, "SELECT DISTINCT size FROM thing"), "12345");
}

const CONVENTION: &str = r#"metadata.naming_convention = {"ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}"#;

/// A table that another one and itself point to.
fn named(table: &str, column: &str) -> String {
    format!(
        r#"{CONVENTION}
sa.Table("{table}", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("{column}", sa.String(20), unique=True), sa.Column("age", sa.Integer, index=True), sa.Column("boss", sa.ForeignKey("{table}.id")), sa.CheckConstraint("age > 0", name="old"))
sa.Table("pet", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("of", sa.ForeignKey("{table}.id")))
"#
    )
}

#[test]
fn renames_take_names_along_and_read_no_row() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = Project::sqlite();
    with_models(&project, &named("person", "name"));
    on(&project, &database, &["generate", "first", "--autogenerate"]).ok();
    on(&project, &database, &["upgrade", "head"]).ok();
    psql(
        &database,
        "INSERT INTO person (name, age) VALUES ('ann', 3), ('bo', 4); UPDATE person SET boss = 1; INSERT INTO pet (of) VALUES (2)",
    );
    let before = psql(
        &database,
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1",
    );
    let another = r#"sa.Table("person", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20), unique=True))"#;
    with_models(&project, &format!("{}{another}", named("people", "full_name")));
    let said = on(
        &project,
        &database,
        &[
            "generate",
            "second",
            "--autogenerate",
            "--rename",
            "person:people",
            "--rename",
            "people.name:full_name",
        ],
    );
    assert!(
        said.stderr.contains("Index ix_person_age of people is called ix_people_age in the model"),
        "{}",
        said.stderr
    );
    let text = revision(&project, "_second.py");
    for words in [
        "ALTER INDEX ix_person_age RENAME TO ix_people_age",
        "RENAME CONSTRAINT pk_person TO pk_people",
        "RENAME CONSTRAINT uq_person_name TO uq_people_full_name",
        "RENAME CONSTRAINT ck_person_old TO ck_people_old",
        "RENAME CONSTRAINT fk_person_boss TO fk_people_boss",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    assert!(!text.contains("create_unique_constraint") && !text.contains("op.create_foreign_key"), "{text}");
    on(&project, &database, &["upgrade", "head"]).ok();
    on(&project, &database, &["check"]).ok();
    assert_eq!(psql(&database, "SELECT string_agg(full_name, ',' ORDER BY id) FROM people"), "ann,bo");
    on(&project, &database, &["downgrade", "-1"]).ok();
    let after = psql(
        &database,
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1",
    );
    assert_eq!(before, after);
    assert_eq!(psql(&database, "SELECT string_agg(name, ',' ORDER BY id) FROM person"), "ann,bo");
}

#[test]
fn a_renamed_column_keeps_its_check_and_its_expression_on_sqlite() {
    let project = Project::sqlite();
    let things = |name: &str| {
        format!(
            r#"sa.Table("thing", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("{name}", sa.Integer), sa.Column("twice", sa.Integer, sa.Computed("{name} * 2")), sa.CheckConstraint("{name} > 0", name="positive"), sa.Index("ix_thing", "{name}"))"#
        )
    };
    with_models(&project, &things("size"));
    project.run(&["generate", "first", "--autogenerate"]).ok();
    project.run(&["upgrade", "head"]).ok();
    project.sql("INSERT INTO thing (id, size) VALUES (1, 5)");
    with_models(&project, &things("width"));
    project.run(&["generate", "second", "--autogenerate", "--rename", "thing.size:width"]).ok();
    assert!(revision(&project, "_second.py").contains("ALTER TABLE thing RENAME COLUMN size TO width"));
    project.run(&["upgrade", "head"]).ok();
    project.run(&["check"]).ok();
    assert_eq!(project.query("SELECT width || ' ' || twice FROM thing"), ["5 10"]);
    project.run(&["downgrade", "-1"]).ok();
    assert_eq!(project.query("SELECT size || ' ' || twice FROM thing"), ["5 10"]);
}

#[test]
fn another_expression_of_a_computed_column_is_a_step() {
    let things = |expression: &str| {
        format!(
            r#"sa.Table("thing", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("size", sa.Integer), sa.Column("twice", sa.Integer, {expression} index=True))"#
        )
    };
    let (two, three) = (
        things("sa.Computed(\"size * 2\", persisted=True),"),
        things("sa.Computed(\"size * 3\", persisted=True),"),
    );
    let project = Project::sqlite();
    with_models(&project, &two);
    let walk = |run: &dyn Fn(&[&str]) -> Ran, sql: &dyn Fn(&str) -> String| {
        with_models(&project, &two);
        run(&["generate", "first", "--autogenerate"]).ok();
        run(&["upgrade", "head"]).ok();
        run(&["check"]).ok();
        sql("INSERT INTO thing (id, size) VALUES (1, 5)");
        with_models(&project, &three);
        let differs = run(&["check"]);
        assert_eq!(
            (differs.code, differs.stdout.lines().count()),
            (Some(1), 1),
            "{}{}",
            differs.stdout,
            differs.stderr
        );
        assert!(differs.stdout.contains("Column thing.twice is computed as"), "{}", differs.stdout);
        run(&["generate", "second", "--autogenerate"]).ok();
        run(&["upgrade", "head"]).ok();
        run(&["check"]).ok();
        assert_eq!(sql("SELECT twice FROM thing"), "15");
        run(&["downgrade", "-1"]).ok();
        assert_eq!(sql("SELECT twice FROM thing"), "10");
        run(&["upgrade", "head"]).ok();
    };
    walk(&|arguments| project.run(arguments), &|sql| {
        if sql.starts_with("SELECT") {
            return project.query(sql).join(",");
        }
        project.sql(sql);
        String::new()
    });
    let Some(server) = server() else { return };
    let database = server.create_database();
    std::fs::remove_dir_all(project.path("migrations/versions")).expect("the versions");
    std::fs::create_dir(project.path("migrations/versions")).expect("a folder");
    walk(&|arguments| on(&project, &database, arguments), &|sql| psql(&database, sql));
    assert_eq!(psql(&database, "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_thing_twice'"), "1");
    with_models(&project, &things(""));
    on(&project, &database, &["generate", "third", "--autogenerate"]).ok();
    on(&project, &database, &["upgrade", "head"]).ok();
    assert_eq!(psql(&database, "SELECT twice FROM thing"), "15", "what was computed stays");
    on(&project, &database, &["check"]).ok();
    on(&project, &database, &["downgrade", "-1"]).ok();
    with_models(&project, &three);
    assert_eq!(
        psql(&database, "SELECT is_generated FROM information_schema.columns WHERE column_name = 'twice'"),
        "ALWAYS"
    );
}

#[test]
fn a_rebuild_as_statements_keeps_the_rows_of_others() {
    let project = Project::sqlite();
    let family = |length: u32| {
        format!(
            r#"sa.Table("parent", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String({length})))
sa.Table("child", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("parent_id", sa.ForeignKey("parent.id", ondelete="CASCADE")))"#
        )
    };
    with_models(&project, &family(20));
    project.run(&["generate", "first", "--autogenerate", "--format", "sql"]).ok();
    project.run(&["upgrade", "head"]).ok();
    project.sql("INSERT INTO parent VALUES (1, 'a'); INSERT INTO child VALUES (1, 1), (2, 1)");
    let env = std::fs::read_to_string(project.path("migrations/env.py")).expect("env.py");
    let enforced = "connection.exec_driver_sql('PRAGMA foreign_keys=ON')\n        context.configure(connection=connection,";
    project.write("migrations/env.py", &env.replace("context.configure(connection=connection,", enforced));
    with_models(&project, &family(50));
    let preview = project.run(&["generate", "second", "--autogenerate", "--sql"]).ok();
    assert!(preview.contains("INSERT INTO _alembic_tmp_parent"), "{preview}");
    let path = project.run(&["generate", "second", "--autogenerate", "--format", "sql"]).ok();
    let text = std::fs::read_to_string(path.trim()).expect("the file");
    assert!(text.contains("DROP TABLE parent;"), "{text}");
    for arguments in [["upgrade", "head"], ["downgrade", "-1"], ["upgrade", "head"]] {
        project.run(&arguments).ok();
        assert_eq!(project.query("SELECT count(*) FROM child"), ["2"], "{arguments:?}");
    }
    project.run(&["check"]).ok();
    project.run(&["verify"]).ok();
    // A copy that leaves a row out is told before the revision is kept.
    project.write(
        "migrations/versions/zz.sql",
        &format!(
            "-- revision: zz\n-- down_revision: {}\n-- limbeck:up\nCREATE TABLE n (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO n SELECT * FROM parent WHERE id > 1;\nDROP TABLE parent;\nALTER TABLE n RENAME TO parent;\n",
            project.query("SELECT version_num FROM alembic_version")[0]
        ),
    );
    project
        .run(&["upgrade", "head"])
        .fails_with(&["2 rows of `child` would point to rows that are not there", "nothing of zz was kept"]);
    assert_eq!(project.query("SELECT count(*) FROM child"), ["2"]);
}
