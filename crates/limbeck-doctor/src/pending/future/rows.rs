//! What statements that write rows make of a table.

use limbeck_sql::Name;
use limbeck_sql::changes::{Change, Plain, RowChange};

use super::super::ask::{Ask, NotTold, constant, quoted};
use super::{Future, nothing};

impl Future {
    pub(super) fn rows(&mut self, ask: &mut Ask<'_>, name: &Name, how: RowChange, plain: Option<&Plain>, others: &[Change], by: &str) -> Result<(), NotTold> {
        let Some(table) = self.table(ask, name)? else { return Ok(()) };
        let oid = table.live.as_ref().map(|live| live.oid.clone());
        if let Some(oid) = &oid {
            let triggers = format!("SELECT count(*)::text FROM pg_trigger WHERE tgrelid = {oid} AND NOT tgisinternal");
            if ask.value(&triggers)?.as_deref() != Some("0") {
                self.opaque.get_or_insert_with(|| format!("{by} writes to {name}, which has triggers"));
            }
            if matches!(how, RowChange::Delete | RowChange::Any) {
                self.blur_referring(ask, oid, "confdeltype", &[], by)?;
            }
            if matches!(how, RowChange::Update | RowChange::Any) {
                let set: Vec<&str> = plain.iter().flat_map(|plain| &plain.set).map(|(column, _)| column.as_str()).collect();
                self.blur_referring(ask, oid, "confupdtype", &set, by)?;
            }
        }
        let reads: Vec<Name> = others
            .iter()
            .filter_map(|change| match change {
                Change::Reads { table } => Some(table.clone()),
                _ => None,
            })
            .collect();
        for other in &reads {
            self.table(ask, other)?;
        }
        // A name with a schema in an expression goes past the chain of queries.
        let simple = reads.iter().all(|other| other.schema.is_none() && self.blurred(&[other]).is_none());
        let Some(table) = self.known(name) else { return Ok(()) };
        match (how, plain) {
            (RowChange::Truncate, _) => {
                let select = nothing(&table.columns);
                self.step(name, select, Vec::new());
            }
            (RowChange::Update, Some(plain)) if simple && plain.set.iter().all(|(column, _)| table.column(column).is_some_and(|column| column.known)) => {
                let condition = plain.where_.clone().unwrap_or_else(|| "true".into());
                let shown: Vec<String> = table
                    .columns
                    .iter()
                    .map(|column| match plain.set.iter().find(|(set, _)| *set == column.name) {
                        Some((_, value)) => format!(
                            "CASE WHEN ({condition}) THEN CAST(({value}) AS {}) ELSE {} END AS {}",
                            column.type_,
                            self.own_column(name, plain, &column.name),
                            quoted(&column.name)
                        ),
                        None => self.own_column(name, plain, &column.name),
                    })
                    .collect();
                let select = format!("SELECT {} FROM {}", shown.join(", "), self.source_as(name, plain));
                self.step(name, select, reads);
            }
            (RowChange::Delete, Some(plain)) if simple => {
                let condition = plain.where_.clone().unwrap_or_else(|| "true".into());
                let alias = quoted(plain.alias.as_ref().unwrap_or(&name.name));
                let select = format!("SELECT {alias}.* FROM {} WHERE ({condition}) IS NOT TRUE", self.source_as(name, plain));
                self.step(name, select, reads);
            }
            // What a script puts itself into a table that it makes is the same everywhere.
            (RowChange::Insert, _) if oid.is_none() && reads.is_empty() => {
                let key = self.key(name);
                self.filled.insert(key);
            }
            (RowChange::Insert, _) => self.blur(name, &format!("{by} inserts rows into {name} first")),
            _ => self.blur(name, &format!("{by} changes rows of {name} first")),
        }
        Ok(())
    }

    /// Tables whose rows change together with those of this one: if `set` names columns, only through these.
    fn blur_referring(&mut self, ask: &mut Ask<'_>, oid: &str, action: &str, set: &[&str], by: &str) -> Result<(), NotTold> {
        let names: Vec<String> = set.iter().map(|column| constant(column)).collect();
        let through = if names.is_empty() {
            String::new()
        } else {
            format!(
                "AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey) AND a.attname IN ({}))",
                names.join(", ")
            )
        };
        let sql = format!(
            "SELECT n.nspname::text, c.relname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE k.contype = 'f' AND k.confrelid = {oid} AND k.{action} IN ('c', 'n', 'd') {through}"
        );
        for row in ask.rows(&sql)? {
            let [Some(schema), Some(table)] = row.as_slice() else { continue };
            let name = Name {
                schema: Some(schema.clone()),
                name: table.clone(),
            };
            self.table(ask, &name)?;
            self.blur(&name, &format!("{by} changes rows that {table} refers to"));
        }
        Ok(())
    }

    fn own_column(&self, name: &Name, plain: &Plain, column: &str) -> String {
        format!("{}.{}", quoted(plain.alias.as_ref().unwrap_or(&name.name)), quoted(column))
    }

    fn source_as(&self, name: &Name, plain: &Plain) -> String {
        let source = self.source(name);
        match &plain.alias {
            Some(alias) => {
                let from = source.rsplit_once(" AS ").map_or(source.as_str(), |(from, _)| from).to_owned();
                format!("{from} AS {}", quoted(alias))
            }
            None => source,
        }
    }
}
