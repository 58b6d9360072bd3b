//! A real database to try steps on.

use limbeck_db::{Connection, DatabaseUrl, Environment, Filter, connect};
use limbeck_dialect::{Catalog, Context, DialectName, Memo, Result, compile};
use limbeck_diff::alembic::{self, Changes, Options, Toggle};
use limbeck_diff::{Step, operations};
use limbeck_ops::{Inspect, Inspected};
use limbeck_schema::catalogue::Catalogue;
use limbeck_schema::{NamingConvention, ServerDefault, Table, TableName};

pub struct Place {
    pub dialect: DialectName,
    connection: Box<dyn Connection>,
}

fn open(url: &str) -> Box<dyn Connection> {
    let url = DatabaseUrl::parse(url).expect("a database URL");
    connect(&url, &Environment::of_process()).expect("the database can be reached")
}

/// The live database, for batch blocks.
struct Live<'a>(&'a mut dyn Connection);

impl Catalog for Live<'_> {
    fn table(&mut self, name: &TableName) -> Result<Option<Table>> {
        match self.0.inspect(&Inspect::Table(name.clone()))? {
            Inspected::Table(table) => Ok(table),
            _ => Ok(None),
        }
    }

    fn has_table(&mut self, name: &TableName) -> Result<bool> {
        Ok(matches!(self.0.inspect(&Inspect::HasTable(name.clone()))?, Inspected::Flag(true)))
    }

    fn has_type(&mut self, name: &TableName) -> Result<bool> {
        Ok(matches!(self.0.inspect(&Inspect::HasType(name.clone()))?, Inspected::Flag(true)))
    }

    fn has_sequence(&mut self, name: &TableName) -> Result<bool> {
        Ok(matches!(self.0.inspect(&Inspect::HasSequence(name.clone()))?, Inspected::Flag(true)))
    }
}

impl Place {
    pub fn sqlite() -> Self {
        Place {
            dialect: DialectName::Sqlite,
            connection: open("sqlite://"),
        }
    }

    pub fn postgresql(url: &str) -> Self {
        Place {
            dialect: DialectName::Postgresql,
            connection: open(url),
        }
    }

    /// The database's tables; a SERIAL column has no default of its own.
    fn tables(&mut self) -> Vec<Table> {
        let mut tables = self.connection.tables(None).expect("the schema can be read");
        for column in tables.iter_mut().flat_map(|table| &mut table.columns) {
            if matches!(&column.server_default, Some(ServerDefault::Reflected(default)) if default.starts_with("nextval(")) {
                column.server_default = None;
            }
        }
        tables
    }

    pub fn compare(&mut self, wanted: &[Table]) -> Changes {
        let have = self.tables();
        let mut options = Options::new(self.dialect);
        options.compare_server_default = Toggle::On;
        options.default_schema = Some(if self.dialect == DialectName::Sqlite { "main" } else { "public" }.to_owned());
        options.strict = true;
        struct Server<'a>(&'a mut dyn Connection);
        impl limbeck_diff::Hooks for Server<'_> {
            fn equal_on_server(&mut self, have: &str, wanted: &str) -> limbeck_diff::Result<bool> {
                let answer = self.0.query(&format!("SELECT {have} = {wanted}"), &[])?;
                Ok(answer.rows[0][0] == limbeck_expr::Literal::Bool(true))
            }
        }
        let mut changes = alembic::compare(&have, wanted, &options, &mut Server(self.connection.as_mut())).expect("the schemas can be compared");
        if self.dialect != DialectName::Sqlite {
            changes.steps = limbeck_diff::arranged(changes.steps);
        }
        changes
    }

    /// Runs steps as a revision does, in one transaction.
    pub fn apply(&mut self, steps: &[Step], what: &str) {
        let naming = NamingConvention::default();
        let mut memo = Memo::default();
        self.connection.begin().expect("a transaction");
        for operation in operations(steps, self.dialect == DialectName::Sqlite) {
            let mut statements = Vec::new();
            let compiled = {
                let mut live = Live(self.connection.as_mut());
                let mut context = Context::live(&naming, &mut memo, &mut live);
                compile(self.dialect, &operation, &mut context, &mut statements)
            };
            if let Err(error) = compiled {
                panic!("{what}: {}\n{operation:?}", error.message);
            }
            for statement in statements {
                if let Err(error) = self.connection.query(&statement.sql, &statement.params) {
                    panic!(
                        "{what}: {error}\n{}\n{:#?}",
                        statement.sql,
                        steps.iter().flat_map(limbeck_diff::words::sentences).collect::<Vec<_>>()
                    );
                }
            }
        }
        self.connection.commit().expect("the steps are kept");
    }

    pub fn catalogue(&mut self) -> Catalogue {
        self.connection.catalogue(&Filter::default()).expect("the catalogue can be read")
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        if self.dialect == DialectName::Sqlite {
            self.connection = open("sqlite://");
        } else {
            self.connection
                .execute_batch("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                .expect("the schema can be emptied");
        }
    }
}
