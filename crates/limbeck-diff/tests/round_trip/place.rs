//! A real database to try steps on.

use limbeck_db::{Connection, DatabaseUrl, Environment, Filter, connect};
use limbeck_dialect::{Catalog, Context, DialectName, Memo, Result, compile};
use limbeck_diff::alembic::{self, Changes, Options, Toggle};
use limbeck_diff::own::{self, Enums, Rename};
use limbeck_diff::{Step, operations};
use limbeck_ops::{Inspect, Inspected};
use limbeck_schema::catalogue::Catalogue;
use limbeck_schema::{NamingConvention, ServerDefault, Table, TableName};

pub struct Place {
    pub dialect: DialectName,
    /// How defaults are compared.
    pub defaults: Toggle,
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
            defaults: Toggle::On,
            connection: open("sqlite://"),
        }
    }

    pub fn postgresql(url: &str) -> Self {
        Place {
            dialect: DialectName::Postgresql,
            defaults: Toggle::On,
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
        let mut changes = self.compared(&have, wanted);
        if self.dialect != DialectName::Sqlite {
            changes.steps = limbeck_diff::arranged(changes.steps);
        }
        changes
    }

    fn settled(&self, table: &Table) -> Table {
        let naming = limbeck_schema::NamingConvention::default();
        limbeck_dialect::settle(table, &naming, self.dialect).expect("a table that can be made").table
    }

    /// The steps under Limbeck's own name, put together as limbeck-cli does it.
    pub fn compare_own(&mut self, wanted: &[Table], renames: &[Rename]) -> Vec<Step> {
        let mut have = self.tables();
        let mut all = own::rename(&mut have, renames, self.dialect).expect("what is to be renamed is there");
        let mut steps = self.compared(&have, wanted).steps;
        let settled: Vec<Table> = wanted.iter().map(|table| self.settled(table)).collect();
        let mut named = Vec::new();
        if self.dialect == DialectName::Postgresql {
            named = own::with_names(&mut steps, &have, &settled, renames);
        }
        let computing = own::Computing {
            have: &have,
            wanted: &settled,
            dialect: self.dialect,
            version: self.connection.server_version().first().copied().unwrap_or(0),
        };
        steps = own::with_computed(steps, computing);
        own::with_casts(&mut steps, wanted, self.dialect).expect("types have names");
        if self.dialect == DialectName::Postgresql {
            steps = limbeck_diff::arranged(steps);
        }
        own::with_constraints(&mut steps, &have, self.dialect);
        if self.dialect == DialectName::Postgresql
            && let Inspected::Enums(types) = self
                .connection
                .inspect(&Inspect::Enums { schema: Some("*".into()) })
                .expect("the enums can be read")
        {
            let enums = Enums {
                have: &types,
                have_tables: &have,
                wanted_tables: wanted,
                default_schema: Some("public"),
            };
            steps = own::with_enums(steps, enums).0;
        }
        all.append(&mut named);
        all.append(&mut steps);
        all
    }

    fn compared(&mut self, have: &[Table], wanted: &[Table]) -> Changes {
        let mut options = Options::new(self.dialect);
        options.compare_server_default = self.defaults;
        options.default_schema = Some(if self.dialect == DialectName::Sqlite { "main" } else { "public" }.to_owned());
        options.strict = true;
        struct Server<'a>(&'a mut dyn Connection);
        impl limbeck_diff::Hooks for Server<'_> {
            fn equal_on_server(&mut self, have: &str, wanted: &str) -> limbeck_diff::Result<bool> {
                let answer = self.0.query(&format!("SELECT {have} = {wanted}"), &[])?;
                Ok(answer.rows[0][0] == limbeck_expr::Literal::Bool(true))
            }

            fn default_as_kept(&mut self, type_: &str, default: &str) -> limbeck_diff::Result<Option<String>> {
                self.0.begin()?;
                let created = self.0.execute_batch(&format!("CREATE TEMP TABLE kept (a {type_} DEFAULT {default})"));
                let sql = "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'pg_temp.kept'::regclass";
                let kept = created.and_then(|_| self.0.query(sql, &[]));
                self.0.rollback()?;
                Ok(kept.ok().and_then(|answer| match &answer.rows.first()?[0] {
                    limbeck_expr::Literal::Text(text) => Some(text.clone()),
                    _ => None,
                }))
            }
        }
        alembic::compare(have, wanted, &options, &mut Server(self.connection.as_mut())).expect("the schemas can be compared")
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
                // A run commits a new value where it is used at once.
                if statement.sql.contains(" ADD VALUE ") {
                    self.connection.commit().expect("the value is kept");
                    self.connection.begin().expect("another transaction");
                }
            }
        }
        self.connection.commit().expect("the steps are kept");
    }

    pub fn catalogue(&mut self) -> Catalogue {
        self.connection.catalogue(&Filter::default()).expect("the catalogue can be read")
    }

    /// Drops everything after a failure.
    pub fn give_up(&mut self) {
        if self.dialect != DialectName::Sqlite {
            let _ = self.connection.rollback();
        }
        self.clear();
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
