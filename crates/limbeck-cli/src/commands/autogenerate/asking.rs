//! What the comparison asks while it runs: env.py's own functions, and the server.

use limbeck_db::{Backend, Connection};
use limbeck_dialect::{DialectName, quote_ident, type_sql};
use limbeck_diff::{Hooks, NameCall, Object, ObjectCall, ObjectKind};
use limbeck_expr::Literal;
use limbeck_ops::{DatabaseErrorKind, HostError, Inspect, Inspected};
use limbeck_python::{AutogenerateOptions, HookAnswer, HookCall, Item, ObjectRef, ScriptError, Side};
use limbeck_run::Functions;
use limbeck_schema::{Column, Constraint, Expr, Ident, Index, Table, TableName};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The project's answers, and the server's.
pub struct Asking<'a> {
    pub connection: &'a RefCell<Box<dyn Connection>>,
    pub functions: &'a RefCell<Functions>,
    /// The number of the `context.configure(...)`.
    pub target: usize,
    pub options: &'a AutogenerateOptions,
    /// What a function of env.py raised.
    pub raised: Option<ScriptError>,
}

impl Asking<'_> {
    fn ask(&mut self, call: HookCall) -> Result<HookAnswer, HostError> {
        let answer = self.functions.borrow_mut().call_hooks(self.target, &[call]);
        match answer {
            Ok(mut answers) => Ok(answers.pop().unwrap_or(HookAnswer::None)),
            Err(error) => {
                let message = error.message.clone();
                self.raised = Some(error);
                Err(HostError::new(DatabaseErrorKind::Abort, message))
            }
        }
    }

    fn decide(&mut self, call: HookCall) -> Result<Option<bool>, HostError> {
        Ok(match self.ask(call)? {
            HookAnswer::Bool(answer) => Some(answer),
            HookAnswer::None | HookAnswer::Text { .. } => None,
        })
    }
}

/// The side that things of the models or of the database are on.
fn side(reflected: bool) -> Side {
    if reflected { Side::Database } else { Side::Models }
}

fn reference(object: Object<'_>, side: Side) -> ObjectRef {
    let (table, item) = match object {
        Object::Table(table) => (table, Item::Table),
        Object::Column(table, column) => (table, Item::Column(column.name.text.clone())),
        Object::Index(table, index) => (table, Item::Index(index_name(index))),
        Object::Constraint(table, constraint) => (
            table,
            Item::Constraint {
                name: constraint.name().ident().map(|name| name.text.clone()),
                columns: constraint_columns(constraint),
            },
        ),
    };
    ObjectRef {
        side,
        table: table.name.clone(),
        item,
    }
}

fn index_name(index: &Index) -> String {
    index.name.ident().map(|name| name.text.clone()).unwrap_or_default()
}

fn constraint_columns(constraint: &Constraint) -> Vec<String> {
    let columns: Vec<Ident> = match constraint {
        Constraint::PrimaryKey(key) | Constraint::Unique(key) => key.columns.clone(),
        Constraint::ForeignKey(key) => key.columns.clone(),
        Constraint::Check(check) => limbeck_dialect::mentioned_columns(&check.condition),
        Constraint::Exclude(exclude) => exclude
            .elements
            .iter()
            .filter_map(|(expr, _)| match expr {
                Expr::Column { name, .. } => Some(name.clone()),
                _ => None,
            })
            .collect(),
    };
    columns.into_iter().map(|name| name.text).collect()
}

/// What Alembic tells of where a name is.
fn parents(call: NameCall<'_>) -> BTreeMap<String, Option<String>> {
    let mut out = BTreeMap::new();
    if call.kind == ObjectKind::Schema {
        return out;
    }
    let schema = call.schema.map(str::to_owned);
    let table = if call.kind == ObjectKind::Table { call.name } else { call.table };
    if call.kind != ObjectKind::Table {
        out.insert("table_name".to_owned(), table.map(str::to_owned));
    }
    if let Some(table) = table {
        let qualified = schema.as_ref().map_or_else(|| table.to_owned(), |schema| format!("{schema}.{table}"));
        out.insert("schema_qualified_table_name".to_owned(), Some(qualified));
    }
    out.insert("schema_name".to_owned(), schema);
    out
}

impl Hooks for Asking<'_> {
    fn include_name(&mut self, call: NameCall<'_>) -> Result<bool, HostError> {
        if !self.options.include_name {
            return Ok(true);
        }
        let question = HookCall::Name {
            name: call.name.map(str::to_owned),
            type_: call.kind.name().to_owned(),
            parent_names: parents(call),
        };
        Ok(self.decide(question)?.unwrap_or(true))
    }

    fn include_object(&mut self, call: ObjectCall<'_>) -> Result<bool, HostError> {
        if !self.options.include_object {
            return Ok(true);
        }
        let question = HookCall::Object {
            object: reference(call.object, side(call.reflected)),
            name: call.name.map(str::to_owned),
            type_: call.kind.name().to_owned(),
            reflected: call.reflected,
            compare_to: call.compare_to.map(|other| reference(other, side(!call.reflected))),
        };
        Ok(self.decide(question)?.unwrap_or(true))
    }

    fn compare_type(&mut self, tables: (&Table, &Table), columns: (&Column, &Column)) -> Result<Option<bool>, HostError> {
        let table = same_table(tables);
        self.decide(HookCall::CompareType {
            table,
            column: columns.1.name.text.clone(),
        })
    }

    fn compare_default(
        &mut self,
        tables: (&Table, &Table),
        columns: (&Column, &Column),
        texts: (Option<&str>, Option<&str>),
    ) -> Result<Option<bool>, HostError> {
        let table = same_table(tables);
        self.decide(HookCall::CompareServerDefault {
            table,
            column: columns.1.name.text.clone(),
            inspected_default: texts.0.map(str::to_owned),
            rendered_metadata_default: texts.1.map(str::to_owned),
        })
    }

    fn default_as_kept(&mut self, type_: &str, default: &str) -> Result<Option<String>, HostError> {
        let mut connection = self.connection.borrow_mut();
        let connection = connection.as_mut();
        connection.begin().map_err(HostError::from)?;
        let created = connection.execute_batch(&format!("CREATE TEMPORARY TABLE limbeck_default (c {type_} DEFAULT {default})"));
        let kept = created.and_then(|_| {
            let sql = "SELECT pg_catalog.pg_get_expr(adbin, adrelid) FROM pg_catalog.pg_attrdef WHERE adrelid = 'pg_temp.limbeck_default'::regclass";
            connection.query(sql, &[])
        });
        connection.rollback().map_err(HostError::from)?;
        // A default that cannot be tried, for a type that is still to come or want of a right, is not called different.
        Ok(kept.ok().and_then(|answer| match answer.rows.into_iter().next()?.into_iter().next()? {
            Literal::Text(text) => Some(text),
            _ => None,
        }))
    }

    fn checks_as_kept(&mut self, columns: &[Column], conditions: &[String]) -> Result<Option<Vec<String>>, HostError> {
        let mut connection = self.connection.borrow_mut();
        let connection = connection.as_mut();
        if conditions.is_empty() || connection.backend() != Backend::Postgresql {
            return Ok(Some(conditions.to_vec()));
        }
        let dialect = DialectName::Postgresql;
        let mut parts = Vec::new();
        for column in columns {
            parts.push(format!("{} {}", quote_ident(dialect, &column.name), type_sql(dialect, &column.type_)?));
        }
        parts.extend(
            conditions
                .iter()
                .enumerate()
                .map(|(number, sql)| format!("CONSTRAINT c{number:06} CHECK ({sql})")),
        );
        connection.begin().map_err(HostError::from)?;
        let created = connection.execute_batch(&format!("CREATE TEMPORARY TABLE limbeck_check ({})", parts.join(", ")));
        let kept = created.and_then(|_| connection.inspect(&Inspect::Table(TableName::new("limbeck_check"))));
        connection.rollback().map_err(HostError::from)?;
        // What cannot be tried is not called different: a column that is still to come, for example.
        let Ok(Inspected::Table(Some(table))) = kept else {
            return Ok(None);
        };
        let mut checks: Vec<(String, String)> = Vec::new();
        for constraint in &table.constraints {
            if let Constraint::Check(check) = constraint {
                let name = check.name.ident().map(|name| name.text.clone()).unwrap_or_default();
                checks.push((name, limbeck_dialect::expression_sql(dialect, &check.condition)?));
            }
        }
        checks.sort();
        Ok((checks.len() == conditions.len()).then(|| checks.into_iter().map(|(_, sql)| sql).collect()))
    }

    fn computed_as_kept(&mut self, columns: &[Column], type_: &str, expression: &str) -> Result<Option<String>, HostError> {
        let mut connection = self.connection.borrow_mut();
        let connection = connection.as_mut();
        if connection.backend() != Backend::Postgresql {
            return Ok(Some(expression.to_owned()));
        }
        let mut parts = Vec::new();
        for column in columns {
            let name = quote_ident(DialectName::Postgresql, &column.name);
            parts.push(format!("{name} {}", type_sql(DialectName::Postgresql, &column.type_)?));
        }
        parts.push(format!("limbeck_computed {type_} GENERATED ALWAYS AS ({expression}) STORED"));
        connection.begin().map_err(HostError::from)?;
        let created = connection.execute_batch(&format!("CREATE TEMPORARY TABLE limbeck_computed ({})", parts.join(", ")));
        let kept = created.and_then(|_| {
            let sql = "SELECT pg_catalog.pg_get_expr(adbin, adrelid) FROM pg_catalog.pg_attrdef WHERE adrelid = 'pg_temp.limbeck_computed'::regclass";
            connection.query(sql, &[])
        });
        connection.rollback().map_err(HostError::from)?;
        Ok(kept.ok().and_then(|answer| match answer.rows.into_iter().next()?.into_iter().next()? {
            Literal::Text(text) => Some(text),
            _ => None,
        }))
    }

    fn equal_on_server(&mut self, have: &str, wanted: &str) -> Result<bool, HostError> {
        let sql = format!("SELECT {have} = {wanted}");
        let result = self.connection.borrow_mut().query(&sql, &[]).map_err(|error| HostError {
            statement: Some(sql.clone()),
            ..error.into()
        })?;
        Ok(matches!(result.rows.first().and_then(|row| row.first()), Some(Literal::Bool(true))))
    }
}

/// The name that both sides know a table by.
fn same_table((_, wanted): (&Table, &Table)) -> TableName {
    wanted.name.clone()
}
