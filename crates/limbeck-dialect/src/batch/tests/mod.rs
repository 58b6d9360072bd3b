//! Blocks in, plans out. A plan is shown in a few words; its SQL is the dialect's.

mod scene;

use super::BatchPlan;
use crate::DialectName;
use limbeck_expr::{ColumnType, EnumType, Expr, FromName, TableName};
use limbeck_ops::{BatchStep, Change, ConstraintKind, CreateIndex, DatabaseErrorKind, DropIndex, Recreate};
use limbeck_schema::{CheckConstraint, Column, Computed, Constraint, ConstraintName, NamingConvention, Options, ServerDefault, Table};
use scene::*;

// ---- when to rebuild

#[test]
fn alter_table_adds_plain_columns_and_indexes() {
    let steps = vec![
        add(plain("x")),
        BatchStep::CreateIndex(CreateIndex {
            index: index("ix_x", &["x"]),
            if_not_exists: false,
        }),
    ];
    assert_eq!(sqlite(steps).shown(), "step add person.x\nstep index ix_x on person(x)");
    let mut default = plain("x");
    default.server_default = Some(ServerDefault::Text("0".into()));
    default.index = true;
    default.checks = vec![text_check(ConstraintName::Unnamed, "x > 0")];
    assert_eq!(sqlite(vec![add(default)]).shown(), "step add person.x");
}

#[test]
fn anything_else_rebuilds_on_sqlite_only() {
    let text = Expr::Text {
        sql: "1+1".into(),
        binds: Vec::new(),
    };
    let computed = |persisted| {
        let mut column = plain("x");
        column.computed = Some(Box::new(Computed { expr: text.clone(), persisted }));
        column
    };
    let mut default = plain("x");
    default.server_default = Some(ServerDefault::Expr(text.clone()));
    let mut unique = plain("x");
    unique.foreign_keys = vec![reference("fk_x", "x", "other")];
    let rebuilds = |step: BatchStep| matches!(sqlite(vec![step]).plan().0, Ok(BatchPlan::Rebuild(_)));
    assert!(rebuilds(add(default.clone())));
    assert!(rebuilds(add(computed(Some(true)))));
    assert!(!rebuilds(add(computed(None))));
    assert!(rebuilds(add(unique)));
    assert!(rebuilds(add(Column::new("x", boolean(Some("ck_x"))))));
    assert!(rebuilds(drop_column("age")));
    assert!(rebuilds(alter("age", |alter| alter.nullable = Some(false))));
    assert!(rebuilds(drop_constraint("ck_age", ConstraintKind::Check)));
    assert!(rebuilds(BatchStep::DropTableComment));
    let on_postgresql = sqlite(vec![add(default), drop_column("age")]).with(|case| case.dialect = DialectName::Postgresql);
    assert_eq!(on_postgresql.shown(), "step add person.x\nstep drop person.age");
    let never = sqlite(vec![drop_column("age")]).with(|case| case.batch.recreate = Recreate::Never);
    assert_eq!(never.shown(), "step drop person.age");
}

#[test]
fn always_means_always() {
    let noop = sqlite(Vec::new()).with(|case| case.batch.recreate = Recreate::Always);
    assert_eq!(noop.shown(), UNCHANGED);
}

#[test]
fn a_place_needs_a_rebuild_that_is_already_decided() {
    let placed = || BatchStep::AddColumn {
        column: plain("x"),
        insert_before: None,
        insert_after: Some("id".into()),
        if_not_exists: false,
        inline_references: false,
        inline_primary_key: false,
    };
    let error = sqlite(vec![placed(), drop_column("age")]).error();
    assert_eq!(error.kind, DatabaseErrorKind::CommandError);
    assert_eq!(
        error.message,
        "Can't specify insert_before or insert_after when using ALTER; please specify recreate='always'"
    );
    let shown = sqlite(vec![alter("age", |alter| alter.nullable = Some(false)), placed()]).shown();
    let expected = changed(&[
        ("  id int not null", "  id int not null\n  x int"),
        ("age int default (10)", "age int default (10) not null"),
    ]);
    assert_eq!(shown, expected);
}

#[test]
fn without_a_database_a_description_is_needed() {
    let offline = |batch: Case| batch.with(|case| case.database = None);
    let error = offline(sqlite(vec![drop_column("age")])).error();
    assert_eq!(error.kind, DatabaseErrorKind::CommandError);
    assert!(
        error
            .message
            .starts_with("This operation cannot proceed in --sql mode; batch mode with dialect sqlite requires")
    );
    assert!(error.message.contains("reflect the table \"person\". To generate"));
    let described = offline(sqlite(vec![drop_column("age")])).with(|case| case.batch.copy_from = Some(person()));
    assert!(described.shown().contains("copy id=id, name=name, boss=boss"));
    let missing = sqlite(vec![drop_column("age")]).with(|case| case.database = None);
    assert_eq!(missing.error().kind, DatabaseErrorKind::CommandError);
}

// ---- columns

#[test]
fn a_column_goes_with_its_constraints_but_not_with_text() {
    let shown = sqlite(vec![drop_column("boss"), drop_column("name")]).shown();
    let expected = changed(&[
        ("  name varchar\n", ""),
        ("  boss int\n", ""),
        ("  fk fk_boss (boss) to person(id)\n", ""),
        ("  unique uq_name (name)\n", ""),
        (" name=name,", ""),
        (", boss=boss", ""),
    ]);
    assert_eq!(shown, expected);
}

#[test]
fn a_dropped_key_column_leaves_the_key() {
    let shown = sqlite(vec![drop_column("id")]).shown();
    assert!(!shown.contains("pk"), "{shown}");
}

#[test]
fn renaming_follows_into_constraints_and_indexes() {
    let shown = sqlite(vec![
        alter("name", |alter| alter.new_name = Some("title".into())),
        alter("age", |alter| alter.new_name = Some("years".into())),
    ])
    .shown();
    let expected = changed(&[
        ("  name varchar", "  title varchar"),
        ("  age int", "  years int"),
        ("(name)", "(title)"),
        ("name=name, age=age", "title=name, years=age"),
        ("person(age)", "person(years)"),
    ]);
    assert_eq!(shown, expected, "text stays as it was written");
}

#[test]
fn a_change_of_kind_is_cast() {
    let to = |type_: ColumnType| sqlite(vec![alter("age", |alter| alter.type_ = Some(type_))]).shown();
    assert!(to(varchar()).contains("age=cast(age) as age"));
    assert!(to(ColumnType::BigInteger).contains("age=age,"));
    assert!(to(ColumnType::JsonGeneric).contains("age=age,"), "SQLite keeps JSON as text");
}

#[test]
fn defaults_nullability_and_comments_change() {
    let shown = sqlite(vec![
        alter("age", |alter| alter.server_default = Change::Clear),
        alter("boss", |alter| {
            alter.server_default = Change::Set(ServerDefault::Text("1".into()));
            alter.nullable = Some(false);
        }),
    ])
    .shown();
    assert_eq!(shown, changed(&[(" default (10)", ""), ("boss int", "boss int default '1' not null")]));
}

#[test]
fn a_generated_column_is_not_copied() {
    let case = sqlite(vec![drop_column("boss")]).with(|case| {
        let mut column = plain("twice");
        column.computed = Some(Box::new(Computed {
            expr: Expr::Null,
            persisted: None,
        }));
        if let Some(table) = &mut case.database {
            table.columns.push(column);
        }
    });
    assert!(case.shown().contains("copy id=id, name=name, age=age\n"));
}

#[test]
fn unknown_columns_are_named() {
    let error = sqlite(vec![drop_column("nope")]).error();
    assert_eq!(error.message, "No such column: 'nope'");
    let error = sqlite(vec![
        alter("age", |alter| alter.new_name = Some("years".into())),
        alter("years", |alter| alter.nullable = Some(false)),
    ])
    .error();
    assert_eq!(error.hint.as_deref(), Some("inside the block the column is still known as 'age'"));
}

#[test]
fn flags_of_an_added_column_make_what_alembic_makes() {
    let mut column = plain("x");
    column.unique = true;
    column.primary_key = true;
    let uq = |case: &mut Case| {
        case.naming.patterns.insert("uq".into(), "uq_%(column_0_name)s".into());
    };
    let (plan, _) = sqlite(vec![add(column)]).with(uq).plan();
    let Ok(BatchPlan::Rebuild(rebuild)) = plan else { panic!("a rebuild") };
    let added = rebuild.create.table.column("x").expect("the column");
    assert!(added.unique, "the flag stays beside the named constraint");
    assert!(!added.is_nullable() && !added.primary_key, "the old key stays, the column takes no NULL");
    assert!(show(&BatchPlan::Rebuild(rebuild)).contains("unique uq_x (x)"));
}

#[test]
fn partial_reordering_orders_columns() {
    let shown = sqlite(Vec::new())
        .with(|case| {
            case.batch.recreate = Recreate::Always;
            case.batch.partial_reordering = vec![names(&["boss", "age", "name", "id"])];
        })
        .shown();
    assert!(shown.contains("copy boss=boss, age=age, name=name, id=id"));
}

// ---- constraints

#[test]
fn constraints_come_and_go_by_name() {
    let shown = sqlite(vec![
        drop_constraint("ck_age", ConstraintKind::Check),
        BatchStep::CreateConstraint(Constraint::Unique(key(given("uq_both"), &["name", "age"]))),
    ])
    .shown();
    // Named constraints stand before unnamed ones but for the primary key.
    assert_eq!(shown, changed(&[("check ck_age (age > 0)", "unique uq_both (name,age)")]));
    let error = sqlite(vec![drop_constraint("nope", ConstraintKind::Check)]).error();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (DatabaseErrorKind::ValueError, "No such constraint: 'nope'")
    );
    let unnamed = BatchStep::CreateConstraint(Constraint::Unique(key(ConstraintName::Unnamed, &["age"])));
    assert_eq!(sqlite(vec![unnamed]).error().message, "Constraint must have a name");
}

#[test]
fn a_convention_of_target_metadata_names_what_the_block_brings() {
    let naming = |case: &mut Case| {
        case.naming.patterns.insert("uq".into(), "uq_%(table_name)s_%(column_0_name)s".into());
        case.naming.patterns.insert("ck".into(), "ck_%(table_name)s_%(constraint_name)s".into());
    };
    let unnamed = BatchStep::CreateConstraint(Constraint::Unique(key(ConstraintName::Unnamed, &["age"])));
    assert!(sqlite(vec![unnamed]).with(naming).shown().contains("unique uq_person_age (age)"));
    let check = BatchStep::CreateConstraint(Constraint::Check(text_check(given("old"), "age < 200")));
    assert!(sqlite(vec![check]).with(naming).shown().contains("check ck_person_old (age < 200)"));
    let error = sqlite(vec![drop_constraint("age", ConstraintKind::Check)]).with(naming).error();
    assert_eq!(error.message, "No such constraint: 'ck_person_age'");
}

#[test]
fn a_convention_of_the_block_names_what_the_database_left_unnamed() {
    let unname = |case: &mut Case| {
        for constraint in &mut case.database.as_mut().expect("a table").constraints {
            if let Constraint::Unique(key) = constraint {
                key.name = ConstraintName::Unnamed;
            }
        }
    };
    let drop = || vec![drop_constraint("uq_person_name", ConstraintKind::Unique)];
    assert_eq!(sqlite(drop()).with(unname).error().message, "No such constraint: 'uq_person_name'");
    let named = sqlite(drop()).with(unname).with(|case| {
        let mut naming = NamingConvention::default();
        naming.patterns.insert("uq".into(), "uq_%(table_name)s_%(column_0_name)s".into());
        case.batch.naming_convention = Some(naming);
    });
    assert_eq!(named.shown(), changed(&[("  unique uq_name (name)\n", "")]));
}

#[test]
fn an_unnamed_check_of_the_database_is_left_out_with_a_warning() {
    let unname = |case: &mut Case| {
        for constraint in &mut case.database.as_mut().expect("a table").constraints {
            if let Constraint::Check(check) = constraint {
                check.name = ConstraintName::Unnamed;
            }
        }
    };
    let noop = || sqlite(vec![drop_column("boss")]).with(unname);
    let (plan, warnings) = noop().plan();
    assert!(!show(&plan.expect("a plan")).contains("check"));
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].starts_with("Unnamed CHECK constraint on reflected table 'person' is being omitted from the table recreate;"));
    let restated = noop().with(|case| case.batch.extra_constraints = vec![Constraint::Check(text_check(given("ck_new"), "age > 1"))]);
    let (plan, warnings) = restated.plan();
    assert!(show(&plan.expect("a plan")).contains("pk (id)\n  check ck_new (age > 1)\n"));
    assert_eq!(warnings, Vec::<String>::new());
}

#[test]
fn a_new_primary_key_replaces_the_old_one() {
    let create = |name| BatchStep::CreateConstraint(Constraint::PrimaryKey(key(given(name), &["name"])));
    let shown = sqlite(vec![create("pk_person")]).shown();
    assert!(shown.contains("  pk pk_person (name)\n"), "{shown}");
    assert!(!shown.contains("(id)\n  fk"), "{shown}");
    assert!(shown.contains("  name varchar not null\n"), "nullability was not said: {shown}");
}

#[test]
fn a_dropped_primary_key_leaves_the_columns_as_they_were() {
    let shown = sqlite(vec![drop_constraint("pk_p", ConstraintKind::PrimaryKey)])
        .with(|case| {
            if let Some(Constraint::PrimaryKey(key)) = case.database.as_mut().and_then(|table| table.constraints.first_mut()) {
                key.name = known("pk_p");
            }
        })
        .shown();
    assert_eq!(shown, changed(&[("  pk (id)\n", "")]));
}

#[test]
fn a_schema_moves_references_into_it() {
    let shown = sqlite(vec![drop_column("age")])
        .with(|case| case.batch.table = TableName::in_schema(Some("crm"), "person"))
        .shown();
    assert!(shown.contains("table crm._alembic_tmp_person\n"));
    assert!(shown.contains("fk fk_boss (boss) to crm.person(id)"));
    assert!(shown.contains("drop crm.person, rename crm._alembic_tmp_person to person"));
}

// ---- types that come with a check

#[test]
fn the_check_of_a_type_comes_and_goes_with_it() {
    let to_boolean = alter("age", |alter| {
        alter.existing_type = Some(ColumnType::Integer);
        alter.type_ = Some(boolean(Some("ck_bool")));
    });
    let shown = sqlite(vec![to_boolean]).shown();
    assert!(shown.contains("  age bool default (10)\n"), "{shown}");
    assert!(shown.contains("  check ck_bool (age IN 2 values)\n"), "{shown}");

    let with_check = |case: &mut Case| {
        let table = case.database.as_mut().expect("a table");
        table.constraints.push(Constraint::Check(text_check(known("ck_bool"), "boss IN (0, 1)")));
    };
    let from_boolean = alter("boss", |alter| {
        alter.existing_type = Some(boolean(Some("ck_bool")));
        alter.type_ = Some(ColumnType::Integer);
    });
    assert!(!sqlite(vec![from_boolean]).with(with_check).shown().contains("ck_bool"));
    let unnamed = alter("boss", |alter| {
        alter.existing_type = Some(boolean(None));
        alter.type_ = Some(ColumnType::Integer);
    });
    assert!(
        sqlite(vec![unnamed]).with(with_check).shown().contains("ck_bool"),
        "nothing says which check it is"
    );
}

#[test]
fn a_rename_or_drop_forgets_the_check_of_the_existing_type() {
    let with_check = |case: &mut Case| {
        let table = case.database.as_mut().expect("a table");
        table.constraints.push(Constraint::Check(text_check(known("kind"), "name IN ('a', 'b')")));
    };
    let kind = || {
        ColumnType::Enum(Box::new(EnumType {
            name: Some("kind".into()),
            values: vec!["a".into(), "b".into()],
            ..EnumType::default()
        }))
    };
    let rename = alter("name", |alter| {
        alter.new_name = Some("sort".into());
        alter.existing_type = Some(kind());
    });
    assert!(!sqlite(vec![rename]).with(with_check).shown().contains("kind"));
    let drop = BatchStep::DropColumn {
        column: "name".into(),
        if_exists: false,
        existing_type: Some(kind()),
    };
    assert!(!sqlite(vec![drop]).with(with_check).shown().contains("kind"));
}

#[test]
fn replaced_columns_bring_their_own_check() {
    let shown = sqlite(vec![alter("age", |alter| alter.new_name = Some("adult".into()))])
        .with(|case| case.batch.reflect_columns = vec![Column::new("age", boolean(Some("ck_adult")))])
        .shown();
    assert!(shown.contains("  adult bool\n"), "the default went with the old column: {shown}");
    assert!(shown.contains("  pk (id)\n  check ck_adult (adult IN 2 values)\n"), "{shown}");
}

// ---- descriptions

fn description() -> Table {
    let mut table = Table::new(TableName::new("person"));
    let mut id = plain("id");
    id.primary_key = true;
    let mut code = plain("code");
    code.unique = true;
    code.foreign_keys = vec![reference("fk_code", "code", "codes")];
    code.checks = vec![text_check(given("ck_code"), "code > 0")];
    let mut flagged = plain("flagged");
    flagged.index = true;
    table.columns = vec![id, code, flagged];
    table.constraints = vec![Constraint::Check(CheckConstraint {
        condition: Expr::Column {
            table: Some(FromName {
                schema: None,
                name: "person".into(),
            }),
            name: "flagged".into(),
        },
        ..text_check(given("ck_flag"), "")
    })];
    table
}

#[test]
fn a_description_has_its_flags_set_out() {
    let case = |steps| sqlite(steps).with(|case| case.batch.copy_from = Some(description()));
    let shown = case(vec![alter("flagged", |alter| alter.new_name = Some("f".into()))]).shown();
    assert_eq!(
        shown,
        "\
table _alembic_tmp_person
  id int not null
  code int check ck_code
  f int
  pk (id)
  fk fk_code (code) to codes(id)
  check ck_flag (f)
  unique (code)
copy id=id, code=code, f=flagged
drop person, rename _alembic_tmp_person to person",
        "the index of a flag is not made again, a check on the table's own column follows the rename"
    );
    let dropped = case(vec![drop_constraint("ck_code", ConstraintKind::Check)]).shown();
    assert!(!dropped.contains("ck_code"));
}

// ---- indexes

#[test]
fn indexes_are_made_again_unless_dropped() {
    let drop = |name| {
        BatchStep::DropIndex(DropIndex {
            name: given(name),
            table: None,
            schema: None,
            if_exists: false,
            options: Options::new(),
        })
    };
    let shown = sqlite(vec![drop("ix_age"), drop_column("age"), add(plain("x"))]).shown();
    assert!(!shown.contains("index"));
    let error = sqlite(vec![drop_column("boss"), drop("nope")]).error();
    assert_eq!((error.kind, error.message.as_str()), (DatabaseErrorKind::ValueError, "No such index: 'nope'"));
}

#[test]
fn an_index_of_the_new_table_is_made_with_it() {
    let shown = sqlite(vec![drop_column("boss")])
        .with(|case| case.batch.extra_indexes = vec![index("ix_extra", &["name"])])
        .shown();
    assert!(shown.contains("  index ix_extra on _alembic_tmp_person(name)\ncopy"), "{shown}");
}

// ---- PostgreSQL

#[test]
fn postgresql_frees_the_names_the_new_table_takes_over() {
    let shown = sqlite(vec![drop_constraint("ck_age", ConstraintKind::Check)])
        .with(|case| {
            case.dialect = DialectName::Postgresql;
            case.batch.recreate = Recreate::Always;
        })
        .shown();
    assert!(
        shown.starts_with("before drop constraint fk_boss\nbefore drop constraint uq_name\ntable _alembic_tmp_person\n"),
        "{shown}"
    );
    assert!(shown.contains("age int default 10\n"), "only SQLite loses parentheses");
}
