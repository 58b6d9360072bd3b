//! The vocabulary's expressions in the engine, against the texts real SQLAlchemy gave (`tests/vocabulary/expressions.json`).

use crate::support::{Notes, Project, run};

#[test]
fn expressions_read_as_sqlalchemy_writes_them() {
    let project = Project::new(&[
        ("expressions.py", include_str!("../vocabulary/expressions.py")),
        ("expressions.json", include_str!("../vocabulary/expressions.json")),
        ("a.py", "def upgrade():\n    import expressions\n    expressions.main()\n"),
    ]);
    let result = run(&project, &mut project.engine(), "a.py", &mut Notes::default());
    if let Err(error) = result {
        panic!("{error}\n{}", error.traceback_text());
    }
    let printed = project.printed();
    assert!(printed.ends_with("360 cases, 0 differ\n"), "{printed}");
}
