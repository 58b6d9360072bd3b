//! What a script asks arrives at its host as the models, with the place it was asked; answers come back as Python values.

use crate::support::{Notes, Project, printed, run, upgrade};
use limbeck_expr::{Literal, Query};
use limbeck_ops::{Control, DatabaseErrorKind, Operation};
use limbeck_python::{Direction, RunContext};

#[test]
fn operations_arrive_with_their_places() {
    let mut host = Notes::default();
    let (result, _) = upgrade(
        "import _limbeck\n\
         def rename(to):\n    _limbeck.operation(('rename_table', {'from': {'name': 'a'}, 'to': to}))\n\
         def upgrade():\n    x = len('abc'); rename('b')\n    rename({'text': 'c', 'quote': True}); _limbeck.operation(('execute', \
         {'query': ('raw', {'sql': 'x'})})) if False else rename('d')\n",
        &mut host,
    );
    result.expect("a clean run");
    let lines: Vec<u32> = host.operations.iter().map(|(_, at)| at.line).collect();
    assert_eq!(lines, [3, 3, 3]);
    assert!(host.operations[0].1.path.ends_with("a.py"));
    let Operation::RenameTable { from, to } = &host.operations[1].0 else {
        panic!("{:?}", host.operations[1]);
    };
    assert_eq!((from.name.as_str(), to.quote), ("a", Some(true)));
}

#[test]
fn the_place_is_exact_after_other_calls_in_the_same_frame() {
    let text = printed(
        "import _limbeck\n\
         def upgrade():\n    print(_limbeck.place()[1])\n    len([])\n    str(1); sorted([3, 1])\n    print(_limbeck.place()[1])\n\
         \x20   for i in range(2):\n        max(1, 2)\n        print(_limbeck.place()[1])\n    print(\n        len('a'),\n        _limbeck.place()[1:],\n    )\n",
    );
    assert_eq!(text, "3\n6\n9\n9\n1 (12, 9)\n");
}

#[test]
fn values_of_every_kind_come_back_as_python_gives_them() {
    let row = vec![
        Literal::Null,
        Literal::Bool(true),
        Literal::Int(-7),
        Literal::BigInt("123456789012345678901234567890".to_owned()),
        Literal::Float(0.5),
        Literal::Decimal("1.50".to_owned()),
        Literal::Text("é".to_owned()),
        Literal::Bytes("00ff".to_owned()),
        Literal::Date("2024-02-29".to_owned()),
        Literal::Time("12:30:00".to_owned()),
        Literal::DateTime("2024-02-29 12:30:00.000001+02:00".to_owned()),
        Literal::Interval(1, 2, 3),
        Literal::Uuid("12345678-1234-5678-1234-567812345678".to_owned()),
        Literal::Json("{\"a\": [1]}".to_owned()),
        Literal::Array(vec![Literal::Int(1), Literal::Null]),
    ];
    let names: Vec<String> = (0..row.len()).map(|at| format!("c{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut host = Notes::answering(&names, row);
    let (result, text) = upgrade(
        "import _limbeck\ndef upgrade():\n    answer = _limbeck.execute(('text', {'sql': 'select'}))\n    for value in answer['rows'][0]:\n        print(repr(value))\n    print(answer['columns'][1], answer['rowcount'], answer['lastrowid'])\n",
        &mut host,
    );
    result.expect("a clean run");
    assert_eq!(
        text,
        "None\nTrue\n-7\n123456789012345678901234567890\n0.5\nDecimal('1.50')\n'é'\nb'\\x00\\xff'\ndatetime.date(2024, 2, 29)\n\
         datetime.time(12, 30)\ndatetime.datetime(2024, 2, 29, 12, 30, 0, 1, tzinfo=datetime.timezone(datetime.timedelta(seconds=7200)))\n\
         datetime.timedelta(days=1, seconds=2, microseconds=3)\nUUID('12345678-1234-5678-1234-567812345678')\n{'a': [1]}\n[1, None]\n\
         ('c1', None) 1 None\n"
    );
    assert!(matches!(host.queries[0].0, Query::Text { .. }), "{:?}", host.queries);
}

#[test]
fn answers_about_the_schema_are_tagged_data() {
    let text = printed("import _limbeck\ndef upgrade():\n    print(_limbeck.inspect(('table_names', {'schema': None})))\n");
    assert_eq!(text, "('names', ['users', 'posts'])\n");
}

#[test]
fn transactions_are_asked_for() {
    let mut host = Notes::default();
    let (result, _) = upgrade(
        "import _limbeck\ndef upgrade():\n    _limbeck.control('autocommit_begin')\n    _limbeck.control(('savepoint', 's1'))\n",
        &mut host,
    );
    result.expect("a clean run");
    assert_eq!(host.controls, [Control::AutocommitBegin, Control::Savepoint("s1".to_owned())]);
}

#[test]
fn a_shape_that_is_no_operation_says_where() {
    let (result, _) = upgrade(
        "import _limbeck\ndef upgrade():\n    _limbeck.operation(('drop_column', {'table': {'name': 'a'}, 'column': 7}))\n",
        &mut Notes::default(),
    );
    let error = result.expect_err("an error");
    assert_eq!(error.exception, "TypeError");
    assert!(error.message.contains("at `drop_column.column`"), "{}", error.message);
}

#[test]
fn a_refusal_keeps_the_hosts_error() {
    let mut host = Notes::failing(DatabaseErrorKind::ValueError, "no such thing");
    let (result, _) = upgrade(
        "import _limbeck\ndef upgrade():\n    try:\n        _limbeck.control('commit')\n    except ValueError as error:\n        raise RuntimeError('wrapped') from error\n",
        &mut host,
    );
    let error = result.expect_err("an error");
    assert_eq!((error.exception.as_str(), error.message.as_str()), ("RuntimeError", "wrapped"));
    assert_eq!(error.host_error.expect("kept").message, "no such thing");
}

#[test]
fn an_abort_passes_through_except_exception() {
    let mut host = Notes::failing(DatabaseErrorKind::Abort, "connection lost");
    let (result, text) = upgrade(
        "import _limbeck\ndef upgrade():\n    try:\n        _limbeck.control('commit')\n    except Exception:\n        print('caught')\n",
        &mut host,
    );
    let error = result.expect_err("an error");
    assert_eq!((error.exception.as_str(), text.as_str()), ("Abort", ""));
    assert_eq!(error.host_error.expect("kept").message, "connection lost");
}

#[test]
fn arguments_reach_the_function() {
    let project = Project::new(&[("a.py", "def upgrade(table_prefix=''):\n    print(repr(table_prefix))\n")]);
    let mut engine = project.engine();
    run(&project, &mut engine, "a.py", &mut Notes::default()).expect("a clean run");
    let mut arguments = serde_json::Map::new();
    arguments.insert("table_prefix".to_owned(), "x_".into());
    engine
        .run_revision(
            &project.path("a.py"),
            Direction::Upgrade,
            &arguments,
            &RunContext::default(),
            &mut Notes::default(),
        )
        .expect("a clean run");
    assert_eq!(project.printed(), "''\n'x_'\n");
}
