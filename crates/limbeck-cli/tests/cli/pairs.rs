//! Pairs of models: a database made from one of them, compared with the other, and what real Alembic wrote (`pairs/record.py`).

use crate::project::{Project, server};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Recorded {
    ddl: Vec<String>,
    imports: Vec<String>,
    upgrade: String,
    downgrade: String,
}

/// The pairs recorded for a dialect: the Python file and what Alembic wrote.
fn recorded(dialect: &str) -> Vec<(PathBuf, Recorded)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/pairs");
    let ending = format!(".{dialect}.json");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the pairs").flatten() {
        let path = entry.path();
        let Some(name) = path.to_str().and_then(|path| path.strip_suffix(&ending)) else {
            continue;
        };
        let text = fs::read_to_string(&path).expect("recorded answers");
        found.push((PathBuf::from(format!("{name}.py")), serde_json::from_str(&text).expect("JSON")));
    }
    assert!(!found.is_empty());
    found
}

/// What a revision says: the imports that Alembic added and both bodies.
fn parts(text: &str) -> (Vec<&str>, Vec<&str>) {
    let plain = ["from alembic import op", "import sqlalchemy as sa", "from typing import Sequence, Union"];
    let is_import = |line: &&str| line.starts_with("import ") || line.starts_with("from ") && line.contains(" import ");
    let imports = text.lines().filter(is_import).filter(|line| !plain.contains(line)).collect();
    let end = "# ### end Alembic commands ###";
    let bodies = text.split("    # ### commands").skip(1).filter_map(|body| body.split(end).next());
    (imports, bodies.collect())
}

/// The revision that the project gets under the name `alembic`.
fn written(pair: &Path, project: &Project, url: &str) -> String {
    let text = fs::read_to_string(pair).expect("the pair");
    let (_, models) = text.split_once("# wanted\n").expect("two halves");
    let options = text.lines().nth(1).and_then(|line| line.strip_prefix("# options: ")).unwrap_or_default();
    project.write("models.py", models);
    let ini = format!(
        "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\npath_separator = os\nsqlalchemy.url = {}\n",
        url.replace('%', "%%")
    );
    project.write("alembic.ini", &ini);
    let env = fs::read_to_string(project.path("migrations/env.py")).expect("env.py");
    let env = env
        .replace(
            "target_metadata = None",
            "import models\ntarget_metadata = getattr(models, 'several', None) or models.metadata",
        )
        .replace(
            "connection=connection, target_metadata=target_metadata",
            &format!("connection=connection, target_metadata=target_metadata, {options}"),
        );
    project.write("migrations/env.py", &env);
    let alembic = project.path("alembic");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_limbeck"), &alembic).expect("a link");
    let mut command = std::process::Command::new(alembic);
    command
        .current_dir(project.path(""))
        .env("XDG_CACHE_HOME", project.path(".cache"))
        .env_remove("ALEMBIC_CONFIG");
    let ran = command.args(["revision", "--autogenerate", "-m", "pair"]).output().expect("the binary runs");
    assert!(ran.status.success(), "{}: {}", pair.display(), String::from_utf8_lossy(&ran.stderr));
    let mut files = fs::read_dir(project.path("migrations/versions")).expect("the versions").flatten();
    fs::read_to_string(files.next().expect("a revision").path()).expect("the revision")
}

fn compare(pair: &Path, project: &Project, url: &str, wanted: &Recorded) -> Option<String> {
    let text = written(pair, project, url);
    let wanted_text = format!("{}\n{}\n{}\n", wanted.imports.join("\n"), wanted.upgrade, wanted.downgrade);
    (parts(&text) != parts(&wanted_text)).then(|| format!("== {}\nours:\n{text}\nAlembic's:\n{wanted_text}", pair.display()))
}

#[test]
fn revisions_on_sqlite_are_alembics() {
    let mut found = Vec::new();
    for (pair, wanted) in recorded("sqlite") {
        let project = Project::sqlite();
        project.sql("PRAGMA user_version = 0");
        for statement in &wanted.ddl {
            project.sql(statement);
        }
        let url = format!("sqlite:///{}", project.path("app.db").display());
        found.extend(compare(&pair, &project, &url, &wanted));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn revisions_on_postgresql_are_alembics() {
    let Some(server) = server() else { return };
    let mut found = Vec::new();
    for (pair, wanted) in recorded("postgresql") {
        let (project, database) = (Project::sqlite(), server.create_database());
        database.psql("CREATE SCHEMA app").expect("a schema");
        for statement in &wanted.ddl {
            database.psql(statement).expect("the statement runs");
        }
        found.extend(compare(&pair, &project, &database.url(), &wanted));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
