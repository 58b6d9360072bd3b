//! PostgreSQL's enums, domains and sequences. Elsewhere these are no statements.

use super::Compiler;
use super::table::sequence_tail;
use crate::error::Result;
use crate::postgres::enums;
use crate::resolve::Resolved;
use crate::spell::type_name;
use crate::{DialectName, type_sql};
use limbeck_expr::{ColumnType, EnumType, TableName};
use limbeck_schema::Sequence;

impl Compiler<'_, '_> {
    /// The types a table brings: each is made once in a run, whether or not it is there unless `check_first` asks.
    pub(super) fn types_of(&mut self, resolved: &Resolved, check_first: bool) -> Result<()> {
        if self.dialect == DialectName::Mysql {
            return no_foreign_enums(resolved);
        }
        if self.dialect != DialectName::Postgresql {
            return Ok(());
        }
        for item in &resolved.columns {
            let Some(needed) = enums::needed(&self.render(), &item.column.type_)? else {
                continue;
            };
            let key = (needed.name.schema.as_ref().map(|schema| schema.text.clone()), needed.name.name.text.clone());
            if !self.ctx.memo.created_types.insert(key) {
                continue;
            }
            if check_first && self.has_type(&needed.name)? {
                continue;
            }
            self.emit(needed.sql);
        }
        Ok(())
    }

    pub(super) fn create_enum(&mut self, enum_: &EnumType, check_first: bool) -> Result<()> {
        if self.dialect != DialectName::Postgresql || !(enum_.native || enum_.postgresql) {
            return Ok(());
        }
        let sql = enums::create(&self.render(), enum_)?;
        if check_first && self.enum_is_there(enum_)? {
            return Ok(());
        }
        self.emit(sql);
        Ok(())
    }

    pub(super) fn drop_enum(&mut self, enum_: &EnumType, check_first: bool) -> Result<()> {
        if self.dialect != DialectName::Postgresql || !(enum_.native || enum_.postgresql) {
            return Ok(());
        }
        let sql = enums::drop(enum_)?;
        if check_first && self.is_live() && !self.enum_is_there(enum_)? {
            return Ok(());
        }
        self.emit(sql);
        Ok(())
    }

    pub(super) fn create_sequence(&mut self, sequence: &Sequence, if_not_exists: bool) -> Result<()> {
        let render = self.render();
        let exists = if if_not_exists { "IF NOT EXISTS " } else { "" };
        let type_ = match (&sequence.data_type, self.dialect) {
            (Some(type_), DialectName::Postgresql) => format!(" AS {}", type_sql(self.dialect, type_)?),
            _ => String::new(),
        };
        let sql = format!(
            "CREATE SEQUENCE {exists}{}{type_}{}",
            render.table(&sequence.name),
            sequence_tail(&sequence.options)
        );
        self.emit(sql);
        Ok(())
    }

    pub(super) fn drop_sequence(&mut self, name: &TableName, if_exists: bool) -> Result<()> {
        let exists = if if_exists { "IF EXISTS " } else { "" };
        let sql = format!("DROP SEQUENCE {exists}{}", self.render().table(name));
        self.emit(sql);
        Ok(())
    }

    fn enum_is_there(&mut self, enum_: &EnumType) -> Result<bool> {
        match &enum_.name {
            Some(name) => self.has_type(&type_name(enum_.schema.as_ref(), name)),
            None => Ok(false),
        }
    }
}

/// `postgresql.ENUM` asks for a CREATE TYPE wherever enums are native.
fn no_foreign_enums(resolved: &Resolved) -> Result<()> {
    let foreign = |type_: &ColumnType| matches!(type_, ColumnType::Enum(enum_) if enum_.postgresql && enum_.create_type);
    if resolved.columns.iter().any(|item| foreign(&item.column.type_)) {
        return Err(crate::error::unsupported_construct(
            DialectName::Mysql,
            "<class 'sqlalchemy.dialects.postgresql.named_types.CreateEnumType'>",
        ));
    }
    Ok(())
}
