//! What differs when there is a database: values by driver, questions asked first, types made once.

use limbeck_dialect::{BindMode, Catalog, Context, DialectName, Memo, Result, compile, compile_query};
use limbeck_expr::{BindParam, ColumnType, EnumType, Expr, Literal, Query, TableName, TextQuery};
use limbeck_ops::{BulkInsert, CreateIndex, CreateTable, DropTable, Operation};
use limbeck_schema::{Column, Constraint, ConstraintName, Index, KeyConstraint, NamingConvention, OptionValue, Options, Table};

/// A database with these names in it.
struct Names(Vec<&'static str>);

impl Catalog for Names {
    fn table(&mut self, _: &TableName) -> Result<Option<Table>> {
        Ok(None)
    }
    fn has_table(&mut self, name: &TableName) -> Result<bool> {
        Ok(self.0.contains(&name.name.as_str()))
    }
    fn has_type(&mut self, name: &TableName) -> Result<bool> {
        self.has_table(name)
    }
    fn has_sequence(&mut self, name: &TableName) -> Result<bool> {
        self.has_table(name)
    }
}

fn run(dialect: DialectName, present: &[&'static str], operations: &[Operation]) -> Vec<(String, Vec<Literal>)> {
    let naming = NamingConvention::default();
    let mut memo = Memo::default();
    let mut catalog = Names(present.to_vec());
    let mut out = Vec::new();
    for operation in operations {
        compile(dialect, operation, &mut Context::live(&naming, &mut memo, &mut catalog), &mut out).expect("the operation compiles");
    }
    out.into_iter().map(|statement| (statement.sql, statement.params)).collect()
}

fn text(dialect: DialectName, sql: &str, binds: &[(&str, Literal)]) -> (String, Vec<Literal>) {
    let naming = NamingConvention::default();
    let mut memo = Memo::default();
    let mut catalog = Names(Vec::new());
    let query = Query::Text(TextQuery {
        sql: sql.to_string(),
        binds: binds.iter().map(|(name, value)| bind(name, value.clone(), None)).collect(),
    });
    let statement = compile_query(dialect, &query, &mut Context::live(&naming, &mut memo, &mut catalog)).expect("the query compiles");
    (statement.sql, statement.params)
}

fn bind(name: &str, value: Literal, type_: Option<ColumnType>) -> BindParam {
    BindParam {
        name: name.to_string(),
        value: Some(value),
        type_,
        inline: false,
        expanding: false,
    }
}

fn mood(check_first: bool) -> Operation {
    let mut table = Table::new(TableName::new("person"));
    table.columns.push(Column::new(
        "mood",
        ColumnType::Enum(Box::new(EnumType {
            name: Some("mood".into()),
            values: vec!["sad".into(), "ok".into()],
            native: true,
            create_type: true,
            ..EnumType::default()
        })),
    ));
    Operation::CreateTable(CreateTable {
        table,
        if_not_exists: false,
        check_first,
        naming_convention: None,
    })
}

fn sql(statements: Vec<(String, Vec<Literal>)>) -> Vec<String> {
    statements.into_iter().map(|(sql, _)| sql).collect()
}

#[test]
fn table_create_asks_first_and_op_create_table_does_not() {
    let pg = DialectName::Postgresql;
    assert_eq!(
        sql(run(pg, &["mood"], &[mood(false)])),
        ["CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE TABLE person (\n\tmood mood\n)"]
    );
    assert_eq!(sql(run(pg, &["mood"], &[mood(true)])), ["CREATE TABLE person (\n\tmood mood\n)"]);
    assert!(run(pg, &["person"], &[mood(true)]).is_empty());
}

/// A table with a unique constraint and an index that tell how nulls are counted, as a server of that version gets them.
fn with_nulls(not_distinct: bool, version: Option<(u32, u32)>) -> String {
    let mut options = Options::new();
    options.insert("postgresql_nulls_not_distinct".into(), OptionValue::Bool(not_distinct));
    let mut table = Table::new(TableName::new("t"));
    table.columns.push(Column::new("a", ColumnType::Integer));
    table.constraints.push(Constraint::Unique(KeyConstraint {
        columns: vec!["a".into()],
        options: options.clone(),
        ..KeyConstraint::default()
    }));
    table.indexes.push(Index {
        name: ConstraintName::Given("i".into()),
        elements: vec![Expr::LiteralColumn("lower(a)".into())],
        table: TableName::new("t"),
        unique: false,
        options,
    });
    let operation = Operation::CreateTable(CreateTable {
        table,
        if_not_exists: false,
        check_first: false,
        naming_convention: None,
    });
    let (naming, mut memo, mut catalog, mut out) = (NamingConvention::default(), Memo::default(), Names(Vec::new()), Vec::new());
    let mut context = Context::live(&naming, &mut memo, &mut catalog);
    context.server_version = version;
    compile(DialectName::Postgresql, &operation, &mut context, &mut out).expect("the operation compiles");
    out.into_iter().map(|statement| statement.sql).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_server_older_than_the_words_is_not_told_that_nulls_are_distinct() {
    for version in [Some((15, 0)), Some((18, 1)), None] {
        let sql = with_nulls(false, version);
        assert!(sql.contains("UNIQUE NULLS DISTINCT (a)") && sql.ends_with("(lower(a)) NULLS DISTINCT"), "{sql}");
    }
    let sql = with_nulls(false, Some((14, 9)));
    assert!(sql.contains("UNIQUE (a)") && sql.ends_with("(lower(a))"), "{sql}");
    // What would mean something else is left to the server to refuse.
    let sql = with_nulls(true, Some((14, 9)));
    assert!(sql.contains("UNIQUE NULLS NOT DISTINCT (a)") && sql.ends_with("NULLS NOT DISTINCT"), "{sql}");
}

#[test]
fn an_operator_class_is_found_by_the_text_of_a_literal_column() {
    let mut options = Options::new();
    let classes = [("lower(a)".to_owned(), OptionValue::Text("text_pattern_ops".into()))];
    options.insert("postgresql_ops".into(), OptionValue::Map(classes.into_iter().collect()));
    let index = Index {
        name: ConstraintName::Given("i".into()),
        table: TableName::new("t"),
        unique: false,
        elements: vec![Expr::LiteralColumn("lower(a)".into()), Expr::LiteralColumn("lower(b)".into())],
        options,
    };
    let operation = Operation::CreateIndex(CreateIndex { index, if_not_exists: false });
    assert_eq!(
        sql(run(DialectName::Postgresql, &[], &[operation])),
        ["CREATE INDEX i ON t (lower(a) text_pattern_ops, lower(b))"]
    );
}

#[test]
fn a_type_is_made_once_in_a_run() {
    let statements = sql(run(DialectName::Postgresql, &[], &[mood(false), mood(false)]));
    assert_eq!(statements.iter().filter(|sql| sql.starts_with("CREATE TYPE")).count(), 1);
}

#[test]
fn a_drop_that_asks_first_skips_what_is_not_there() {
    let drop = Operation::DropTable(DropTable {
        table: TableName::new("gone"),
        if_exists: false,
        check_first: true,
        columns: Vec::new(),
        options: Options::new(),
    });
    assert!(run(DialectName::Sqlite, &[], std::slice::from_ref(&drop)).is_empty());
    assert_eq!(sql(run(DialectName::Sqlite, &["gone"], &[drop])), ["DROP TABLE gone"]);
}

#[test]
fn values_go_into_the_text_on_postgresql_and_beside_it_on_sqlite() {
    let values = [
        ("n", Literal::Text("it's".into())),
        ("d", Literal::Date("2024-01-02".into())),
        ("b", Literal::Bool(true)),
    ];
    assert_eq!(
        text(DialectName::Postgresql, "SELECT :n, :d, :b, x::int, '\\:n %'", &values).0,
        "SELECT 'it''s', '2024-01-02'::date, true, x::int, ':n %'"
    );
    let (sql, params) = text(DialectName::Sqlite, "SELECT :n, :d, :b, :n", &values);
    assert_eq!(sql, "SELECT ?, ?, ?, ?");
    assert_eq!(
        params,
        [
            Literal::Text("it's".into()),
            Literal::Text("2024-01-02".into()),
            Literal::Int(1),
            Literal::Text("it's".into())
        ]
    );
}

#[test]
fn a_missing_value_is_an_error_with_a_database_and_null_without() {
    let query = Query::Text(TextQuery {
        sql: "SELECT :a".to_string(),
        binds: Vec::new(),
    });
    let naming = NamingConvention::default();
    let mut memo = Memo::default();
    let offline = compile_query(DialectName::Sqlite, &query, &mut Context::offline(&naming, &mut memo)).expect("NULL stands in");
    assert_eq!(offline.sql, "SELECT NULL");
    let mut catalog = Names(Vec::new());
    let error = compile_query(DialectName::Sqlite, &query, &mut Context::live(&naming, &mut memo, &mut catalog)).unwrap_err();
    assert_eq!(error.message, "A value is required for bind parameter 'a'");
}

#[test]
fn bulk_insert_sends_many_rows_at_once() {
    let row = |id: i64| vec![("id".into(), Expr::Bind(Box::new(bind("id", Literal::Int(id), None))))];
    let insert = |multi_insert| {
        Operation::BulkInsert(BulkInsert {
            table: TableName::new("t"),
            columns: vec![("id".into(), ColumnType::Integer)],
            rows: vec![row(1), row(2), row(3)],
            multi_insert,
        })
    };
    assert_eq!(
        sql(run(DialectName::Postgresql, &[], &[insert(true)])),
        ["INSERT INTO t (id) VALUES (1), (2), (3)"]
    );
    assert_eq!(run(DialectName::Sqlite, &[], &[insert(false)]).len(), 3);
    let (sql, params) = run(DialectName::Sqlite, &[], &[insert(true)]).remove(0);
    assert_eq!(sql, "INSERT INTO t (id) VALUES (?), (?), (?)");
    assert_eq!(params.len(), 3);
}

#[test]
fn an_array_says_its_item_type() {
    let array = ColumnType::Array {
        item: Box::new(ColumnType::Pg("UUID".into())),
        dimensions: None,
    };
    let insert = Operation::BulkInsert(BulkInsert {
        table: TableName::new("t"),
        columns: vec![("ids".into(), array)],
        rows: vec![vec![("ids".into(), Expr::Bind(Box::new(bind("ids", Literal::Array(Vec::new()), None))))]],
        multi_insert: true,
    });
    assert_eq!(sql(run(DialectName::Postgresql, &[], &[insert])), ["INSERT INTO t (ids) VALUES ('{}'::UUID[])"]);
}

#[test]
fn placeholders_remain_where_literals_are_not_wanted() {
    let naming = NamingConvention::default();
    let mut memo = Memo::default();
    let mut ctx = Context::offline(&naming, &mut memo);
    ctx.binds = BindMode::Style(limbeck_dialect::ParamStyle::Pyformat);
    ctx.bind_casts = true;
    let query = Query::Text(TextQuery {
        sql: "SELECT :x, '5%'".to_string(),
        binds: vec![bind("x", Literal::Text("a".into()), None)],
    });
    let statement = compile_query(DialectName::Postgresql, &query, &mut ctx).expect("the query compiles");
    assert_eq!(statement.sql, "SELECT %(x)s::VARCHAR, '5%%'");
}
