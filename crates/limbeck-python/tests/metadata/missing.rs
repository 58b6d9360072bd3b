//! Models that name packages which are not there: what can be known without them is known, and right.

use crate::support::{Project, wanted};
use limbeck_python::ScriptErrorKind;
use limbeck_schema::Table;

const HEAD: &str = r"
from typing import Optional, Union
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
import foreign
from foreign import Thing, log

class Base(DeclarativeBase):
    pass

metadata = Base.metadata
";

fn tables(models: &str) -> Vec<Table> {
    wanted(&Project::new(&format!("{HEAD}{models}"))).targets[0].metadata[0].tables.clone()
}

#[test]
fn an_annotation_with_none_means_null_whatever_else_it_names() {
    let found = tables(
        r#"
class Shape(foreign.BaseModel):
    size: int

class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    plain: Mapped[Shape] = mapped_column(sa.JSON)
    optional: Mapped[Optional[Shape]] = mapped_column(sa.JSON)
    bar: Mapped[Shape | None] = mapped_column(sa.JSON)
    bar_before: Mapped[None | Thing] = mapped_column(sa.JSON)
    several: Mapped[Union[Thing, foreign.Other, None]] = mapped_column(sa.JSON)
    with_plain: Mapped[Thing | str | None] = mapped_column(sa.JSON)
    inside: Mapped[list[Thing] | None] = mapped_column(sa.JSON)
"#,
    );
    let nullable: Vec<&str> = found[0]
        .columns
        .iter()
        .filter(|column| column.is_nullable())
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(nullable, ["optional", "bar", "bar_before", "several", "with_plain", "inside"]);
}

#[test]
fn a_type_map_knows_what_is_not_there_by_its_name() {
    let found = tables(
        r#"
class Moments(DeclarativeBase):
    type_annotation_map = {foreign.Moment: sa.DateTime(timezone=True)}
    metadata = metadata

class T(Moments):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[foreign.Moment]
"#,
    );
    assert_eq!(found[0].columns[1].type_, limbeck_schema::ColumnType::DateTime { timezone: true });
}

#[test]
fn what_a_class_only_names_may_be_missing_but_not_what_may_be_a_column() {
    let named = "class T(Base):\n    __tablename__ = 't'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    ";
    assert_eq!(tables(&format!("{named}log = log\n"))[0].columns.len(), 1);
    let error = Project::new(&format!("{HEAD}{named}size = foreign.column(sa.Integer)\n"))
        .wanted()
        .expect_err("a column");
    assert_eq!(error.kind, ScriptErrorKind::Incomplete, "{error}");
    assert!(error.to_string().contains("foreign.column()"), "{error}");
}

#[test]
fn tables_in_the_body_of_a_class_over_a_missing_one_are_there() {
    let models = "import sqlalchemy as sa\nfrom foreign import Service\nclass Model(Service):\n    metadata = sa.MetaData()\n    jobs = sa.Table('jobs', metadata, sa.Column('id', sa.Integer))\nmetadata = Model.metadata\n";
    assert_eq!(wanted(&Project::new(models)).targets[0].metadata[0].tables.len(), 1);
}

#[test]
fn the_class_and_the_package_that_it_needs_are_named() {
    let error = Project::new(&format!(
        "{HEAD}db = foreign.SQLAlchemy()\nclass UserQuery(foreign.Query):\n    pass\nclass User(db.Model):\n    __tablename__ = 'users'\n    class UserQuery(foreign.Query):\n        pass\n"
    ))
    .wanted()
    .expect_err("a class over a missing one");
    assert!(
        error
            .to_string()
            .contains("the class User inherits from `foreign.SQLAlchemy().Model` (imported at"),
        "{error}"
    );
    let source = error.source.expect("the line");
    assert!(source.contains("class User(db.Model)"), "{source}");
}
