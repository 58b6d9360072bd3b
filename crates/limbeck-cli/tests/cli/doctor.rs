//! `doctor` on projects and SQLite files that are really broken: what it finds, what it says, what `--fix` mends.

use crate::project::{Project, Ran};
use serde_json::Value;
use std::fs;

const CREATE: &str = "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_table('t')";

fn nothing(id: &str) -> String {
    format!("def upgrade():\n    op.execute('SELECT 1 -- {id}')\n\n\ndef downgrade():\n    pass")
}

/// Two revisions, applied to the project's SQLite file.
fn applied() -> Project {
    let project = Project::sqlite();
    project.revision("aaaa11112222", None, CREATE);
    project.revision("bbbb33334444", Some("aaaa11112222"), &nothing("b"));
    project.run(&["upgrade", "head"]).ok();
    project
}

/// What `doctor --json` says.
pub fn report(ran: Ran, code: i32) -> Value {
    assert_eq!(ran.code, Some(code), "stdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// The status of a check: `fine`, `findings`, `unknown`, `skipped`.
pub fn status<'r>(report: &'r Value, name: &str) -> &'r str {
    one(report, name)["status"].as_str().expect("a status")
}

/// One check of a report.
pub fn one<'r>(report: &'r Value, name: &str) -> &'r Value {
    let checks = report["checks"].as_array().expect("checks");
    let mut found = checks.iter().filter(|check| check["check"] == name);
    let check = found.next().unwrap_or_else(|| panic!("{name} is not in {report:#}"));
    assert!(found.next().is_none(), "{name} is there twice");
    check
}

/// The titles of the findings of a check.
pub fn titles(report: &Value, name: &str) -> Vec<String> {
    let findings = one(report, name)["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|finding| finding["title"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The command that mends the first finding of a check.
pub fn command(report: &Value, name: &str) -> String {
    one(report, name)["findings"][0]["remedy"]["command"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_healthy_project_is_told_in_lines() {
    let project = applied();
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("ok  multiple heads          1 head: bbbb33334444\n"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("ok  configuration           the database comes from env.py\n"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains("!!"), "{}", ran.stdout);
    assert!(ran.stderr.starts_with("Nothing wrong: "), "{}", ran.stderr);
    // The shape that programs read.
    let report = report(project.run(&["doctor", "--json"]), 0);
    assert_eq!(
        (&report["problems"], &report["warnings"], &report["unknown"]),
        (&0.into(), &0.into(), &0.into())
    );
    assert_eq!(status(&report, "invalid-index"), "skipped");
    assert_eq!(one(&report, "multiple-heads")["detail"], "1 head: bbbb33334444");
    assert_eq!(one(&report, "multiple-heads")["database"], Value::Null);
    assert!(
        one(&report, "server-version")["database"]
            .as_str()
            .is_some_and(|label| label.starts_with("sqlite:///"))
    );
}

#[test]
fn nothing_is_written_by_looking() {
    let project = Project::sqlite();
    project.revision("aaaa11112222", None, CREATE);
    let report = report(project.run(&["doctor", "--json"]), 0);
    assert_eq!(status(&report, "unreachable-database"), "fine");
    assert_eq!(status(&report, "ancestor-rows"), "skipped");
    assert!(!project.path("app.db").exists() && !project.path("logs").exists());
}

#[test]
fn checks_are_chosen_by_name() {
    let project = applied();
    let report_of = |arguments: &[&str]| report(project.run(&[&["doctor", "--json"], arguments].concat()), 0);
    assert_eq!(
        report_of(&["--only", "multiple-heads,server-version"])["checks"].as_array().map(Vec::len),
        Some(2)
    );
    let all = report_of(&[])["checks"].as_array().map(Vec::len).unwrap_or_default();
    assert_eq!(report_of(&["--skip", "multiple-heads"])["checks"].as_array().map(Vec::len), Some(all - 1));
    project.run(&["doctor", "--only", "heads"]).fails_with(&["error[E0972]", "multiple-heads"]);
}

#[test]
fn two_heads_are_merged() {
    let project = applied();
    project.revision("cccc55556666", Some("aaaa11112222"), &nothing("c"));
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(titles(&found, "multiple-heads"), ["Multiple head revisions: bbbb33334444, cccc55556666"]);
    let evidence = one(&found, "multiple-heads")["findings"][0]["evidence"].to_string();
    for word in ["migrations/versions/bbbb33334444.py", "apart since aaaa11112222"] {
        assert!(evidence.contains(word), "{evidence}");
    }
    assert_eq!(command(&found, "multiple-heads"), "limbeck merge -m \"merge heads\" bbbb33334444 cccc55556666");
    let notes = one(&found, "multiple-heads")["findings"][0]["notes"].to_string();
    assert!(notes.contains("cccc55556666 is applied nowhere"), "{notes}");

    // Without a terminal and without `--yes` it only shows.
    let ran = project.run(&["doctor", "--fix"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("write a revision") && ran.stderr.contains("Nothing was changed"),
        "{}",
        ran.stderr
    );
    assert_eq!(fs::read_dir(project.path("migrations/versions")).expect("the scripts").count(), 3);

    let ran = project.run(&["doctor", "--fix", "--yes"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("Mended 1 finding.") && ran.stdout.contains("ok  multiple heads          1 head: "),
        "{}",
        ran.stdout
    );
    project.run(&["upgrade", "head"]).ok();
}

#[test]
fn branches_with_labels_of_their_own_are_meant() {
    let project = Project::sqlite();
    for (id, label) in [("aaaa11112222", "one"), ("bbbb33334444", "two")] {
        project.revision(id, None, &format!("branch_labels = ({label:?},)\n\n\n{}", nothing(id)));
    }
    let found = report(project.run(&["doctor", "--json"]), 0);
    assert_eq!(status(&found, "multiple-heads"), "fine");
}

#[test]
fn a_broken_graph_tells_all_its_faults_at_once() {
    let project = applied();
    fs::remove_file(project.path("migrations/versions/aaaa11112222.py")).expect("a script");
    project.write("migrations/versions/helper.py", "x = 1\n");
    project.write("migrations/versions/merge.py", "<<<<<<< HEAD\nrevision = 'q'\n=======\n");
    let text = fs::read_to_string(project.path("migrations/versions/bbbb33334444.py")).expect("a script");
    project.write("migrations/versions/copy.py", &text);
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(
        titles(&found, "broken-graph"),
        [
            "migrations/versions/helper.py declares no revision (E0301)",
            "migrations/versions/merge.py is not Python: Expected a statement (E0303)",
            "2 files hold the same revision id bbbb33334444",
            "revision aaaa11112222 is named by 2 scripts, and is not here",
        ]
    );
    // What needs a history says that it could not look; the rest is looked at.
    assert_eq!(status(&found, "multiple-heads"), "skipped");
    assert_eq!(status(&found, "unknown-revision"), "skipped");
    assert_eq!(status(&found, "health-log"), "fine");
}

#[test]
fn circles_and_labels_that_are_there_twice() {
    let project = Project::sqlite();
    project.revision("aaaa11112222", Some("bbbb33334444"), &nothing("a"));
    project.revision("bbbb33334444", Some("aaaa11112222"), &nothing("b"));
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(titles(&found, "broken-graph"), ["the down revisions go round in a circle (E0205)"]);
    let project = Project::sqlite();
    for id in ["aaaa11112222", "bbbb33334444"] {
        project.revision(id, None, &format!("branch_labels = ('one',)\n\n\n{}", nothing(id)));
    }
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(titles(&found, "broken-graph"), ["branch label `one` is declared by 2 revisions"]);
}

#[test]
fn without_a_project_the_one_below_is_named() {
    let project = applied();
    let above = project.path("elsewhere");
    fs::create_dir_all(above.join("backend/app")).expect("folders");
    fs::write(above.join("backend/alembic.ini"), "[alembic]\n").expect("an ini");
    // A temporary folder may stand below a project; this one does: look from outside of it.
    let outside = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(outside.path().join("backend")).expect("a folder");
    fs::write(outside.path().join("backend/alembic.ini"), "[alembic]\n").expect("an ini");
    let found = report(project.run_in(outside.path(), &["doctor", "--json"], &[]), 2);
    assert_eq!(command(&found, "no-project"), "limbeck -c backend/alembic.ini doctor");
    assert_eq!(status(&found, "multiple-heads"), "unknown");
    // From a folder of the project it is found.
    let found = report(project.run_in(&project.path("migrations"), &["doctor", "--json"], &[]), 0);
    let detail = one(&found, "no-project")["detail"].as_str().unwrap_or_default().to_owned();
    assert!(detail.ends_with("(alembic.ini, found from migrations)"), "{detail}");
}

#[test]
fn a_bad_configuration_says_why() {
    let project = applied();
    let ini = fs::read_to_string(project.path("alembic.ini")).expect("the ini");
    project.write("alembic.ini", &format!("{ini}nonsense\n"));
    let found = report(project.run(&["doctor", "--json"]), 2);
    assert!(
        titles(&found, "bad-configuration")[0].contains("line 5 is neither a section header"),
        "{found:#}"
    );
    let url = ini.lines().find(|line| line.starts_with("sqlalchemy.url")).expect("a URL");
    project.write("alembic.ini", &ini.replace(url, "sqlalchemy.url = driver://user:pass@localhost/dbname"));
    let found = report(project.run(&["doctor", "--json"]), 2);
    let finding = &one(&found, "bad-configuration")["findings"][0];
    assert!(
        finding["cause"].as_str().is_some_and(|cause| cause.contains("that `init` wrote")),
        "{finding:#}"
    );
    assert_eq!(status(&found, "broken-graph"), "fine");
    assert_eq!(status(&found, "server-version"), "unknown");
    // What can be done without is a warning.
    project.write("alembic.ini", &ini);
    fs::remove_file(project.path("migrations/script.py.mako")).expect("the template");
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(titles(&found, "bad-configuration"), ["migrations/script.py.mako is not there"]);
    assert_eq!(found["warnings"], 1);
}

#[test]
fn a_required_version_stops_every_command_but_doctor() {
    let project = applied();
    let ini = fs::read_to_string(project.path("alembic.ini")).expect("the ini");
    project.write("alembic.ini", &format!("{ini}[limbeck]\nrequired_version = >=99\n"));
    for arguments in [
        vec!["status"],
        vec!["upgrade", "head"],
        vec!["heads"],
        vec!["history"],
        vec!["check"],
        vec!["merge", "heads"],
        vec!["locks"],
    ] {
        project.run(&arguments).fails_with(&["error[E0970]", "asks for >=99", "alembic.ini"]);
    }
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(status(&found, "required-version"), "findings");
    assert_eq!(status(&found, "ancestor-rows"), "fine");
    project.write("alembic.ini", &format!("{ini}[limbeck]\nrequired_version = newest\n"));
    project.run(&["heads"]).fails_with(&["error[E0971]"]);
    project.write("alembic.ini", &format!("{ini}[limbeck]\nrequired_version = >=0.0.1, <99\n"));
    project.run(&["heads"]).ok();
    // In a file of our own it also holds under Alembic's name, which reads nothing else of it.
    project.write("alembic.ini", &ini);
    project.write("limbeck.toml", "required_version = '>=99'\n");
    project.run(&["heads"]).fails_with(&["error[E0970]", "limbeck.toml"]);
    let link = project.path("alembic");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_limbeck"), &link).expect("a link");
    let ran = std::process::Command::new(&link)
        .arg("heads")
        .current_dir(project.path(""))
        .output()
        .expect("it runs");
    assert_eq!(ran.status.code(), Some(255), "{ran:?}");
    assert!(String::from_utf8_lossy(&ran.stdout).starts_with("FAILED: this is Limbeck"), "{ran:?}");
}

#[test]
fn versions_of_alembic_that_do_not_agree() {
    let project = applied();
    project.write("requirements.txt", "alembic==1.13.1\n");
    project.write("requirements-dev.txt", "-r requirements.txt\nalembic==1.20.1\n");
    fs::create_dir_all(project.path(".venv/lib/python3.12/site-packages/alembic-1.12.0.dist-info")).expect("an environment");
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(
        titles(&found, "alembic-version"),
        [
            "the project's files name different versions of Alembic",
            "the installed Alembic is not the one that the project asks for",
            "the project uses what Alembic 1.12.0 does not know",
        ]
    );
    let evidence = one(&found, "alembic-version")["findings"][2]["evidence"].to_string();
    assert!(evidence.contains("path_separator in alembic.ini needs Alembic 1.16"), "{evidence}");
}

#[test]
fn a_lost_version_table_is_found_again() {
    let project = applied();
    project.sql("DROP TABLE alembic_version");
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(
        titles(&found, "unversioned-database"),
        ["alembic_version is missing, and the database has 1 table"]
    );
    // The health log knows where it was; the command proves it and works.
    assert_eq!(command(&found, "unversioned-database"), "limbeck stamp --purge --verify bbbb33334444");
    project.run(&["stamp", "--purge", "--verify", "bbbb33334444"]).ok();
    report(project.run(&["doctor", "--json"]), 0);
    // Without a log it has to be tried; `--deep` does.
    project.sql("DELETE FROM alembic_version");
    fs::remove_dir_all(project.path("logs")).expect("the log");
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(
        titles(&found, "unversioned-database"),
        ["alembic_version is empty, and the database has 1 table"]
    );
    assert_eq!(command(&found, "unversioned-database"), "limbeck adopt --stamp");
    let found = report(project.run(&["doctor", "--deep", "--json"]), 1);
    let evidence = one(&found, "unversioned-database")["findings"][0]["evidence"].to_string();
    assert!(evidence.contains("its schema is that of each of aaaa11112222; bbbb33334444"), "{evidence}");
    // Without a history a baseline is the way.
    for id in ["aaaa11112222", "bbbb33334444"] {
        fs::remove_file(project.path(&format!("migrations/versions/{id}.py"))).expect("a script");
    }
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(command(&found, "unversioned-database"), "limbeck init --baseline");
    project.run(&["init", "--baseline"]).ok();
    report(project.run(&["doctor", "--json"]), 0);
}

#[test]
fn rows_that_others_include_are_removed() {
    let project = applied();
    project.sql("INSERT INTO alembic_version VALUES ('aaaa11112222')");
    project.run(&["upgrade", "head"]).fails_with(&["E0212"]);
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(titles(&found, "ancestor-rows"), ["the version table holds 1 row that others include"]);
    let ran = project.run(&["doctor", "--fix", "--yes"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr
            .contains("DELETE FROM alembic_version WHERE alembic_version.version_num = 'aaaa11112222'"),
        "{}",
        ran.stderr
    );
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["bbbb33334444"]);
    // It is in the log, whose chain is whole.
    let log = project.run(&["log", "--json"]).ok();
    assert!(log.contains("\"event\": \"doctor\"") || log.contains("\"event\":\"doctor\""), "{log}");
    project.run(&["log", "verify"]).ok();
}

#[test]
fn an_unknown_row_is_explained() {
    let project = applied();
    project.sql("UPDATE alembic_version SET version_num = 'bbbb33334440'");
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(
        titles(&found, "unknown-revision"),
        ["the database is at revision bbbb33334440, and no script here has that id"]
    );
    assert_eq!(command(&found, "unknown-revision"), "limbeck stamp --purge --verify bbbb33334444");
    project.run(&["stamp", "--purge", "--verify", "bbbb33334444"]).ok();
    report(project.run(&["doctor", "--json"]), 0);
}

#[test]
fn a_failed_run_is_told_until_it_is_mended() {
    let project = applied();
    project.revision(
        "ffff00001111",
        Some("bbbb33334444"),
        "def upgrade():\n    op.execute('ALTER TABLE nope ADD x INT')\n\n\ndef downgrade():\n    pass",
    );
    assert_eq!(project.run(&["upgrade", "head"]).code, Some(2));
    let found = report(project.run(&["doctor", "--json", "--skip", "pending-scripts"]), 1);
    let titles = titles(&found, "half-done-revision");
    assert!(titles[0].starts_with("the last run failed: upgrade of ffff00001111, at 20"), "{titles:?}");
    assert_eq!(command(&found, "half-done-revision"), "limbeck upgrade ffff00001111");
    project.revision("ffff00001111", Some("bbbb33334444"), &nothing("f"));
    project.run(&["upgrade", "ffff00001111"]).ok();
    report(project.run(&["doctor", "--json"]), 0);
}

#[test]
fn a_half_done_revision_goes_on() {
    let project = applied();
    let script = |second: &str| {
        format!(
            "def upgrade():\n    op.execute('CREATE TABLE one (id INTEGER)')\n    with op.get_context().autocommit_block():\n        op.execute('CREATE TABLE two (id INTEGER)')\n    op.execute('{second}')\n\n\ndef downgrade():\n    pass"
        )
    };
    project.revision("ffff00001111", Some("bbbb33334444"), &script("INSERT INTO nope VALUES (1)"));
    assert_eq!(project.run(&["upgrade", "head"]).code, Some(2));
    let found = report(project.run(&["doctor", "--json", "--only", "half-done-revision"]), 1);
    let titles = titles(&found, "half-done-revision");
    assert!(titles[0].starts_with("the upgrade of ffff00001111 is half done since "), "{titles:?}");
    assert_eq!(titles.len(), 1, "{titles:?}");
    project.revision("ffff00001111", Some("bbbb33334444"), &script("INSERT INTO one VALUES (1)"));
    let again = command(&found, "half-done-revision");
    project.run(&again.split(' ').skip(1).collect::<Vec<_>>()).ok();
    report(project.run(&["doctor", "--json"]), 0);
}

#[test]
fn drift_from_models_and_from_the_history() {
    let project = Project::sqlite();
    project.revision("aaaa11112222", None, CREATE);
    let env = fs::read_to_string(project.path("migrations/env.py")).expect("env.py");
    let models = "import sqlalchemy as sa\nmetadata = sa.MetaData()\nsa.Table('t', metadata, sa.Column('id', sa.Integer()))\ntarget_metadata = metadata\n";
    project.write("migrations/env.py", &env.replace("target_metadata = None\n", models));
    project.run(&["upgrade", "head"]).ok();
    let found = report(project.run(&["doctor", "--deep", "--json"]), 0);
    assert_eq!((status(&found, "model-drift"), status(&found, "schema-drift")), ("fine", "fine"));
    project.sql("ALTER TABLE t ADD COLUMN by_hand INTEGER");
    let found = report(project.run(&["doctor", "--deep", "--json"]), 1);
    assert_eq!(titles(&found, "model-drift"), ["1 difference between models and database"]);
    assert_eq!(titles(&found, "schema-drift"), ["1 object not as the history makes them at aaaa11112222"]);
    // The costly one has to be asked for.
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(status(&found, "schema-drift"), "skipped");
}

#[test]
fn a_broken_chain_and_a_log_that_cannot_be_written() {
    let project = applied();
    let path = project.path("logs/migration_health.log");
    let text = fs::read_to_string(&path).expect("the log");
    fs::write(&path, text.replacen("\"ok\"", "\"no\"", 1)).expect("the log");
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(titles(&found, "health-log"), ["the chain of the health log is broken"]);
    // A file where a folder should be.
    fs::write(project.path("file"), "").expect("a file");
    let found = project.run_in(&project.path(""), &["doctor", "--json"], &[("LIMBECK_HEALTH_LOG", "file/x.log")]);
    assert_eq!(titles(&report(found, 1), "health-log")[0], "file/x.log cannot be written");
    let found = project.run_in(&project.path(""), &["doctor", "--json"], &[("LIMBECK_HEALTH_LOG", "off")]);
    assert_eq!(status(&report(found, 0), "health-log"), "skipped");
}

#[test]
fn a_sqlite_file_in_a_folder_that_is_not_there() {
    let project = applied();
    let url = format!("sqlite:///{}", project.path("nowhere/app.db").display());
    let found = report(project.run(&["--url", &url, "doctor", "--json"]), 2);
    assert!(titles(&found, "unreachable-database")[0].ends_with("nowhere/app.db is not there"), "{found:#}");
    assert!(!project.path("nowhere").exists());
}

#[test]
fn a_backup_that_could_not_be_taken() {
    let project = applied();
    let found = report(project.run(&["doctor", "--json"]), 0);
    let detail = one(&found, "backup-folder")["detail"].as_str().unwrap_or_default().to_owned();
    assert!(detail.starts_with("backups can be made, ") && !project.path("backups").exists(), "{detail}");
    project.write("backups", "a file");
    let found = report(project.run(&["doctor", "--json"]), 1);
    assert_eq!(
        (titles(&found, "backup-folder"), &found["problems"]),
        (vec!["backups cannot be written to backups".to_owned()], &0.into())
    );
    // Where every run begins with one it is a problem.
    let always = project.run_in(&project.path(""), &["doctor", "--json"], &[("LIMBECK_BACKUP_BEFORE", "always")]);
    assert_eq!(report(always, 1)["problems"], 1);
    let nonsense = project.run_in(&project.path(""), &["doctor", "--json"], &[("LIMBECK_BACKUP_BEFORE", "sometimes")]);
    assert!(titles(&report(nonsense, 1), "backup-folder")[0].contains("sometimes"));
}

#[test]
fn several_databases_have_a_part_each() {
    let project = applied();
    let env = "from alembic import context\nfrom sqlalchemy import create_engine\nfor name in ('one', 'two'):\n    engine = create_engine('sqlite:///' + context.config.get_main_option('place') + '/' + name + '.db')\n    with engine.connect() as connection:\n        context.configure(connection=connection)\n        with context.begin_transaction():\n            context.run_migrations()\n";
    project.write("migrations/env.py", env);
    let ini = fs::read_to_string(project.path("alembic.ini")).expect("the ini");
    project.write("alembic.ini", &format!("{ini}place = %(here)s\n"));
    project.run(&["upgrade", "head"]).ok();
    limbeck_test::execute_sqlite(&project.path("two.db"), "INSERT INTO alembic_version VALUES ('aaaa11112222')").expect("a row");
    let found = project.run(&["doctor"]);
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    let (first, second) = found.stdout.split_once("two.db\n").expect("a part for the second");
    assert!(first.contains("one.db\nok  connection") && !first.contains("!!"), "{}", found.stdout);
    assert!(second.contains("!!  version rows"), "{}", found.stdout);
    // Only the one that has it is mended.
    let ran = project.run(&["doctor", "--fix", "--yes"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn hundreds_of_pending_revisions_are_looked_at_when_asked_for() {
    let project = applied();
    let mut down = "bbbb33334444".to_owned();
    for number in 0..501 {
        let id = format!("cc{number:010}");
        project.revision(&id, Some(&down), &nothing(&id));
        down = id;
    }
    let found = report(project.run(&["doctor", "--json"]), 0);
    let detail = one(&found, "pending-scripts")["detail"].as_str().unwrap_or_default().to_owned();
    assert!(detail.starts_with("501 revisions are pending") && detail.contains("--deep"), "{detail}");
    assert_eq!(
        status(&report(project.run(&["doctor", "--json", "--only", "pending-scripts"]), 0), "pending-scripts"),
        "fine"
    );
}
