//! Random schemas, and random changes of them.

use limbeck_dialect::DialectName;
use limbeck_expr::{ColumnType, Expr};
use limbeck_schema::{
    Autoincrement, CheckConstraint, Column, Constraint, ConstraintName, ForeignKey, Index, KeyConstraint, OptionValue, Options, ServerDefault, Table, TableName,
};

/// Numbers that only the seed decides (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % limit.max(1) as u64).expect("a small number")
    }

    pub fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

const TABLES: [&str; 6] = ["account", "Order", "line item", "tag", "user", "note"];
const COLUMNS: [&str; 8] = ["a", "b", "Total", "group", "d e", "f", "g", "h"];

/// A schema of a few tables that refer to earlier ones.
pub fn schema(random: &mut Random, dialect: DialectName) -> Vec<Table> {
    let count = 1 + random.below(4);
    let mut tables: Vec<Table> = Vec::new();
    for name in TABLES.iter().take(count) {
        tables.push(table(name, &tables, random, dialect));
    }
    tables
}

/// The schema with some tables gone, some new, some changed.
pub fn changed(from: &[Table], random: &mut Random, dialect: DialectName) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for name in TABLES {
        match from.iter().find(|table| table.name.name.as_str() == name) {
            Some(_) if random.chance(5) => {}
            Some(old) => tables.push(changed_table(old, &tables, random, dialect)),
            None if random.chance(4) => tables.push(table(name, &tables, random, dialect)),
            None => {}
        }
    }
    tables
}

fn type_(random: &mut Random) -> ColumnType {
    let length = |random: &mut Random| Some(5 + 5 * u32::try_from(random.below(4)).expect("a small number"));
    match random.below(12) {
        0 | 1 => ColumnType::Integer,
        2 => ColumnType::BigInteger,
        3 => ColumnType::SmallInteger,
        4 | 5 => ColumnType::String {
            length: length(random),
            collation: None,
        },
        6 => ColumnType::Text { length: None, collation: None },
        7 => ColumnType::Numeric {
            precision: Some(10),
            scale: Some(i32::try_from(random.below(4)).expect("a small number")),
        },
        8 => ColumnType::DateTime { timezone: false },
        9 => ColumnType::Date,
        10 => ColumnType::Boolean {
            name: None,
            create_constraint: false,
        },
        _ => ColumnType::Float { precision: None, scale: None },
    }
}

fn default(type_: &ColumnType, random: &mut Random) -> Option<ServerDefault> {
    if !random.chance(3) {
        return None;
    }
    Some(match type_ {
        ColumnType::Integer | ColumnType::BigInteger | ColumnType::SmallInteger => ServerDefault::Text(random.below(90).to_string()),
        ColumnType::String { .. } | ColumnType::Text { .. } => ServerDefault::Text(["x", "it's", "", "a b"][random.below(4)].to_owned()),
        ColumnType::Numeric { .. } | ColumnType::Float { .. } => ServerDefault::Expr(Expr::LiteralColumn("1.5".to_owned())),
        ColumnType::DateTime { .. } => ServerDefault::Expr(Expr::Func {
            name: "now".to_owned(),
            args: Vec::new(),
            distinct: false,
            quote: None,
            order_by: Vec::new(),
            filter: None,
            over: None,
        }),
        ColumnType::Boolean { .. } => ServerDefault::Expr(Expr::True),
        _ => return None,
    })
}

fn column(name: &str, random: &mut Random, dialect: DialectName) -> Column {
    let mut column = Column::new(name, type_(random));
    column.server_default = default(&column.type_, random);
    // A new NOT NULL column of a table with rows needs a default; these tables are empty, but SQLite asks for one all the same.
    column.nullable = Some(column.server_default.is_none() || random.chance(2));
    if dialect == DialectName::Postgresql && random.chance(5) {
        column.comment = Some(["price in €", "it's\na comment"][random.below(2)].to_owned());
    }
    column
}

fn table(name: &str, others: &[Table], random: &mut Random, dialect: DialectName) -> Table {
    let mut table = Table::new(TableName::new(name));
    let mut id = Column::new("id", if random.chance(3) { ColumnType::BigInteger } else { ColumnType::Integer });
    id.primary_key = true;
    if random.chance(2) || dialect == DialectName::Sqlite {
        id.autoincrement = Autoincrement::False;
    }
    table.columns.push(id);
    for name in COLUMNS.iter().take(1 + random.below(COLUMNS.len())) {
        table.columns.push(column(name, random, dialect));
    }
    if dialect == DialectName::Postgresql && random.chance(4) {
        table.comment = Some("a table".to_owned());
    }
    belongings(&mut table, others, random, dialect);
    table
}

/// Constraints and indexes over the columns there are.
fn belongings(table: &mut Table, others: &[Table], random: &mut Random, dialect: DialectName) {
    let name = table.name.name.text.clone();
    let columns: Vec<Column> = table.columns.iter().skip(1).cloned().collect();
    let given = |text: String| ConstraintName::Given(text.into());
    if random.chance(2) {
        let chosen = pick(&columns, random);
        table.constraints.push(Constraint::Unique(KeyConstraint {
            name: given(format!("uq_{name}_{}", random.below(2))),
            columns: chosen.iter().map(|column| column.name.clone()).collect(),
            ..KeyConstraint::default()
        }));
    }
    if random.chance(3) {
        table.constraints.push(Constraint::Check(CheckConstraint {
            name: given(format!("ck_{name}_{}", random.below(3))),
            condition: Expr::LiteralColumn("id > 0".to_owned()),
            deferrable: None,
            initially: None,
            options: Options::new(),
        }));
    }
    for number in 0..random.below(3) {
        let chosen = pick(&columns, random);
        let mut options = Options::new();
        if random.chance(4) {
            let key = format!("{}_where", dialect.name());
            options.insert(key, OptionValue::Expr(Expr::LiteralColumn("id > 5".to_owned())));
        }
        let mut elements: Vec<Expr> = chosen
            .iter()
            .map(|column| Expr::Column {
                table: None,
                name: column.name.clone(),
            })
            .collect();
        if dialect == DialectName::Postgresql && random.chance(3) {
            let first = elements.remove(0);
            elements.push(Expr::Postfix {
                op: "DESC".to_owned(),
                expr: Box::new(first),
            });
        }
        table.indexes.push(Index {
            name: given(format!("ix_{name}_{number}")),
            table: table.name.clone(),
            elements,
            unique: random.chance(4),
            options,
        });
    }
    for other in others {
        let target = &other.columns[0];
        let fitting = columns.iter().find(|column| column.type_ == target.type_);
        if let Some(column) = fitting
            && random.chance(2)
        {
            table.constraints.push(Constraint::ForeignKey(ForeignKey {
                name: given(format!("fk_{name}_{}", other.name.name)),
                columns: vec![column.name.clone()],
                referred_table: other.name.clone(),
                referred_columns: vec![target.name.clone()],
                onupdate: None,
                ondelete: [None, Some("CASCADE"), Some("SET NULL")][random.below(3)].map(str::to_owned),
                deferrable: random.chance(4).then_some(true),
                initially: None,
                match_: None,
                use_alter: false,
                options: Options::new(),
            }));
        }
    }
}

fn pick<'a>(columns: &'a [Column], random: &mut Random) -> Vec<&'a Column> {
    let first = random.below(columns.len());
    let mut chosen = vec![&columns[first]];
    if columns.len() > 1 && random.chance(2) {
        chosen.push(&columns[(first + 1) % columns.len()]);
    }
    chosen
}

/// A table with other columns; types change only where every value can be taken over by itself.
fn changed_table(old: &Table, others: &[Table], random: &mut Random, dialect: DialectName) -> Table {
    let mut table = Table::new(old.name.clone());
    table.columns.push(old.columns[0].clone());
    for name in COLUMNS {
        match old.column(name) {
            Some(_) if random.chance(5) => {}
            Some(column) => table.columns.push(changed_column(column, random)),
            None if random.chance(5) => table.columns.push(column(name, random, dialect)),
            None => {}
        }
    }
    if table.columns.len() == 1 {
        table.columns.push(column("h", random, dialect));
    }
    table.comment.clone_from(&old.comment);
    if dialect == DialectName::Postgresql && random.chance(4) {
        table.comment = random.chance(2).then(|| "another comment".to_owned());
    }
    belongings(&mut table, others, random, dialect);
    table
}

fn changed_column(old: &Column, random: &mut Random) -> Column {
    let mut column = old.clone();
    if random.chance(4) {
        column.type_ = match &old.type_ {
            ColumnType::Integer => ColumnType::BigInteger,
            ColumnType::SmallInteger => ColumnType::Integer,
            ColumnType::String { .. } => ColumnType::String {
                length: Some(40),
                collation: None,
            },
            other => other.clone(),
        };
    }
    if random.chance(4) {
        column.server_default = default(&column.type_, random);
    }
    if random.chance(4) {
        column.nullable = Some(random.chance(2));
    }
    if random.chance(6) {
        column.comment = None;
    }
    column
}
