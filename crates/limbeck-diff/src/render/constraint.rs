//! Constraints, inside `create_table` and on their own.

use super::python::{list, repr};
use super::{PartKind, Renderer};
use crate::{Result, Side, Sided};
use limbeck_dialect::DialectName;
use limbeck_expr::Expr;
use limbeck_schema::{CheckConstraint, Constraint, ConstraintName, ExcludeConstraint, ForeignKey, Ident, KeyConstraint, OptionValue, Options, TableName};

/// Alembic's words before a constraint without a name is dropped.
const UNNAMED: [&str; 3] = [
    "# WARNING: constraint name is None; this directive will fail as",
    "# rendered.  Add a name, or use a naming convention; see",
    "# https://alembic.sqlalchemy.org/en/latest/naming.html",
];

impl Renderer<'_> {
    /// A constraint as an argument of `create_table`; none for a primary key without columns.
    ///
    /// # Errors
    /// An expression cannot be written.
    pub(super) fn constraint(&mut self, side: Side, table: &TableName, constraint: &Constraint) -> Result<Option<String>> {
        if let Some(own) = self.own(side, table, PartKind::constraint(constraint)) {
            return Ok((!own.is_empty()).then_some(own));
        }
        Ok(match constraint {
            Constraint::PrimaryKey(key) if key.columns.is_empty() => None,
            Constraint::PrimaryKey(key) => {
                let mut args: Vec<String> = key.columns.iter().map(|column| repr(column.as_str())).collect();
                args.extend(self.name_argument(&key.name));
                Some(format!("{}PrimaryKeyConstraint({})", self.sa(), args.join(", ")))
            }
            Constraint::Unique(key) => {
                let mut args: Vec<String> = key.columns.iter().map(|column| repr(column.as_str())).collect();
                args.extend(timing(key.deferrable, key.initially.as_deref()));
                args.extend(self.name_argument(&key.name));
                args.extend(self.arguments(&self.unique_options(side, key, true))?);
                Some(format!("{}UniqueConstraint({})", self.sa(), args.join(", ")))
            }
            Constraint::ForeignKey(key) => Some(self.inline_foreign_key(key)?),
            Constraint::Check(check) => {
                let mut args = vec![self.sql(&check.condition)?];
                args.extend(self.name_argument(&check.name));
                args.extend(self.arguments(&check.options)?);
                Some(format!("{}CheckConstraint({})", self.sa(), args.join(", ")))
            }
            Constraint::Exclude(exclude) => {
                let args = self.exclude_arguments(exclude, None)?;
                self.imports.insert("from sqlalchemy.dialects import postgresql".to_owned());
                Some(format!("postgresql.ExcludeConstraint({})", args.join(", ")))
            }
        })
    }

    fn name_argument(&self, name: &ConstraintName) -> Option<String> {
        (*name != ConstraintName::Unnamed).then(|| format!("name={}", self.name(name)))
    }

    /// SQLAlchemy reflects these two of every unique constraint on PostgreSQL; empty columns are left out of one that stands alone.
    fn unique_options(&self, side: Side, key: &KeyConstraint, inline: bool) -> Options {
        if side == Side::Models || self.options.dialect != DialectName::Postgresql {
            return key.options.clone();
        }
        let mut out = Options::new();
        let include = key.options.get("postgresql_include").cloned();
        if let Some(include) = include.or_else(|| inline.then(|| OptionValue::List(Vec::new()))) {
            out.insert("postgresql_include".to_owned(), include);
        }
        let nulls = key.options.get("postgresql_nulls_not_distinct").is_some_and(OptionValue::is_truthy);
        out.insert("postgresql_nulls_not_distinct".to_owned(), OptionValue::Bool(nulls));
        out
    }

    fn inline_foreign_key(&self, key: &ForeignKey) -> Result<String> {
        let referred: Vec<String> = referred_columns(key)
            .iter()
            .map(|column| repr(&format!("{}.{column}", key.referred_table)))
            .collect();
        let mut args: Vec<String> = self.name_argument(&key.name).into_iter().collect();
        let mut text = |name: &str, value: Option<&str>| args.extend(value.filter(|value| !value.is_empty()).map(|value| format!("{name}={}", repr(value))));
        text("onupdate", key.onupdate.as_deref());
        text("ondelete", key.ondelete.as_deref());
        text("initially", key.initially.as_deref());
        if key.deferrable == Some(true) {
            args.push("deferrable=True".to_owned());
        }
        if key.use_alter {
            args.push("use_alter=True".to_owned());
        }
        args.extend(key.match_.as_ref().map(|match_| format!("match={}", repr(match_))));
        args.extend(self.arguments(&key.options)?);
        Ok(format!(
            "{}ForeignKeyConstraint({}, [{}], {})",
            self.sa(),
            names(&key.columns),
            referred.join(", "),
            args.join(", ")
        ))
    }

    /// A constraint added to a table.
    ///
    /// # Errors
    /// An expression cannot be written.
    pub(super) fn add_constraint(&mut self, table: &TableName, constraint: &Sided<Constraint>) -> Result<String> {
        let mut args = vec![self.name(constraint.item.name())];
        if !self.in_batch {
            args.push(repr(table.name.as_str()));
        }
        let schema = match &table.schema {
            Some(schema) if !self.in_batch => Some(format!("schema={}", repr(schema.as_str()))),
            _ => None,
        };
        let directive = match &constraint.item {
            Constraint::Unique(key) => {
                args.push(names(&key.columns));
                args.extend(timing(key.deferrable, key.initially.as_deref()));
                args.extend(schema);
                args.extend(self.arguments(&self.unique_options(constraint.side, key, false))?);
                "create_unique_constraint"
            }
            Constraint::PrimaryKey(key) => {
                args.push(names(&key.columns));
                args.extend(schema);
                "create_primary_key"
            }
            Constraint::Check(CheckConstraint { condition, options, .. }) => {
                args.push(self.sql(condition)?);
                args.extend(schema);
                args.extend(self.arguments(options)?);
                "create_check_constraint"
            }
            Constraint::ForeignKey(key) => {
                self.foreign_key_arguments(table, key, &mut args)?;
                "create_foreign_key"
            }
            Constraint::Exclude(exclude) => {
                args.extend(self.exclude_arguments(exclude, schema)?);
                "create_exclude_constraint"
            }
        };
        Ok(format!("{}{directive}({})", self.op(), args.join(", ")))
    }

    fn foreign_key_arguments(&self, table: &TableName, key: &ForeignKey, args: &mut Vec<String>) -> Result<()> {
        args.push(repr(key.referred_table.name.as_str()));
        args.push(names(&key.columns));
        args.push(names(&referred_columns(key)));
        let mut text = |name: &str, value: Option<&str>| args.extend(value.filter(|value| !value.is_empty()).map(|value| format!("{name}={}", repr(value))));
        if !self.in_batch {
            text("source_schema", table.schema.as_ref().map(Ident::as_str));
        }
        text("referent_schema", key.referred_table.schema.as_ref().map(Ident::as_str));
        text("onupdate", key.onupdate.as_deref());
        text("ondelete", key.ondelete.as_deref());
        text("initially", key.initially.as_deref());
        if key.deferrable == Some(true) {
            args.push("deferrable=True".to_owned());
        }
        if key.use_alter {
            args.push("use_alter=True".to_owned());
        }
        args.extend(key.match_.as_ref().map(|match_| format!("match={}", repr(match_))));
        args.extend(self.arguments(&key.options)?);
        Ok(())
    }

    fn exclude_arguments(&self, exclude: &ExcludeConstraint, schema: Option<String>) -> Result<Vec<String>> {
        let alone = schema.is_some();
        let mut args = Vec::new();
        for (expr, operator) in &exclude.elements {
            let element = match expr {
                Expr::Column { name, .. } => format!("{}column({})", self.sa(), repr(name.as_str())),
                Expr::LiteralColumn(sql) => format!("{}literal_column({})", self.sa(), repr(sql)),
                Expr::Text { .. } | Expr::Func { .. } => self.text(expr)?,
                other => self.sql(other)?,
            };
            args.push(format!("({element}, {})", repr(operator)));
        }
        if let Some(where_) = &exclude.where_ {
            args.push(format!("where={}", self.text(where_)?));
        }
        // Alembic writes these as strings, the flag too.
        if exclude.deferrable == Some(true) {
            args.push("deferrable='True'".to_owned());
        }
        args.extend(exclude.initially.as_ref().map(|text| format!("initially={}", repr(text))));
        args.extend(exclude.using.as_ref().map(|text| format!("using={}", repr(text))));
        args.extend(schema);
        if !alone {
            args.extend(self.name_argument(&exclude.name));
        }
        Ok(args)
    }

    pub(super) fn drop_constraint(&mut self, table: &TableName, constraint: &Constraint, lines: &mut Vec<String>) {
        let name = constraint.name();
        let mut args = vec![self.name(name)];
        if !self.in_batch {
            args.push(repr(table.name.as_str()));
            args.extend(table.schema.as_ref().map(|schema| format!("schema={}", repr(schema.as_str()))));
        }
        let kind = match constraint {
            Constraint::PrimaryKey(_) => Some("primary"),
            Constraint::Unique(_) => Some("unique"),
            Constraint::Check(_) => Some("check"),
            Constraint::ForeignKey(_) => Some("foreignkey"),
            Constraint::Exclude(_) => None,
        };
        args.extend(kind.map(|kind| format!("type_='{kind}'")));
        if *name == ConstraintName::Unnamed {
            self.warnings.push(format!(
                "Autogenerate rendered a drop_constraint() directive for an unnamed constraint on table {}; the migration will fail unless a constraint name is added to the directive.  Consider using a naming convention so that constraint names are known ahead of time.",
                repr(table.name.as_str())
            ));
            lines.extend(UNNAMED.iter().map(|line| (*line).to_owned()));
        }
        lines.push(format!("{}drop_constraint({})", self.op(), args.join(", ")));
    }
}

/// The columns a key refers to; where none are named, those of the same names.
fn referred_columns(key: &ForeignKey) -> Vec<Ident> {
    if key.referred_columns.is_empty() {
        key.columns.clone()
    } else {
        key.referred_columns.clone()
    }
}

fn timing(deferrable: Option<bool>, initially: Option<&str>) -> Vec<String> {
    let mut out = Vec::new();
    if deferrable == Some(true) {
        out.push("deferrable=True".to_owned());
    }
    out.extend(initially.filter(|text| !text.is_empty()).map(|text| format!("initially={}", repr(text))));
    out
}

fn names(columns: &[Ident]) -> String {
    list(columns.iter().map(Ident::as_str))
}
