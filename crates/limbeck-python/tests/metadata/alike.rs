//! Classes that are left out because they are written like others: the tables are those of evaluating everything, in every case.

use crate::support::Project;
use limbeck_python::{Engine, EngineConfig, WantedMetadata};
use std::path::Path;

fn engine(project: &Project, other: Option<&Path>, leave_out_alike: bool) -> Engine {
    let mut config = EngineConfig::new(project.folder.path());
    config.sys_path = vec![project.folder.path().to_owned()];
    config.sys_path.extend(other.map(Path::to_owned));
    config.readable.extend(other.map(Path::to_owned));
    config.leave_out_alike = leave_out_alike;
    Engine::start(config).expect("an engine")
}

/// Evaluates both ways and compares all that is learnt; an error must be the same error. Tells how many classes were left out.
fn both(project: &Project) -> Option<(WantedMetadata, usize)> {
    both_in(project, None)
}

fn both_in(project: &Project, other: Option<&Path>) -> Option<(WantedMetadata, usize)> {
    let request = project.request();
    let full = engine(project, other, false).target_metadata(&request);
    let mut fast = engine(project, other, true);
    let (fast, left_out) = (fast.target_metadata(&request), fast.left_out());
    match (full, fast) {
        (Ok(full), Ok(fast)) => {
            assert_eq!(full.targets.len(), fast.targets.len());
            for (full, fast) in full.targets.iter().zip(&fast.targets) {
                assert_eq!(full.metadata.len(), fast.metadata.len());
                for (full, fast) in full.metadata.iter().zip(&fast.metadata) {
                    for (one, other) in full.tables.iter().zip(&fast.tables) {
                        assert_eq!(one, other);
                    }
                }
                assert_eq!(full.spellings, fast.spellings);
            }
            assert_eq!(full.env, fast.env);
            assert_eq!(full.passed, fast.passed);
            assert_eq!(full, fast);
            Some((fast, left_out))
        }
        (Err(full), Err(fast)) => {
            assert_eq!((full.exception, full.message, full.place), (fast.exception, fast.message, fast.place));
            None
        }
        (full, fast) => panic!("only one way works: {full:?}\n{fast:?}"),
    }
}

fn same(models: &str) -> (WantedMetadata, usize) {
    both(&Project::new(models)).expect("models that evaluate")
}

const HEAD: &str = r#"
import enum
import datetime
from typing import Annotated, List, Optional
import sqlalchemy as sa
from sqlalchemy import Column, Enum, ForeignKey, Integer, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, declared_attr

class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"})
    type_annotation_map = {datetime.datetime: sa.DateTime(timezone=True)}

metadata = Base.metadata
"#;

fn with_head(rest: &str) -> (WantedMetadata, usize) {
    same(&format!("{HEAD}\n{rest}"))
}

/// Every model file of the tests.
#[test]
fn the_model_files_of_the_tests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/metadata/models");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "py") {
            same(&std::fs::read_to_string(&path).expect("a file"));
            seen += 1;
        }
    }
    assert!(seen >= 5);
}

/// Models that are not in the repository: `LIMBECK_MODELS` names a file with lines `FOLDER MODULE EXPRESSION`, for example
/// `/home/me/project app.models Base.metadata`.
#[test]
fn models_from_outside() {
    let Some(list) = std::env::var_os("LIMBECK_MODELS") else { return };
    for line in std::fs::read_to_string(list).expect("a list").lines() {
        let [folder, module, expression] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let project = Project::new("");
        let lines = format!(
            "import {module} as module\nwith create_engine(\"postgresql://u@h/d\").connect() as connection:\n    context.configure(connection=connection, target_metadata=module.{expression})\n    context.run_migrations()\n"
        );
        project.write("env.py", &format!("from alembic import context\nfrom sqlalchemy import create_engine\n{lines}"));
        std::fs::remove_file(project.folder.path().join("models.py")).expect("a file");
        let found = both_in(&project, Some(Path::new(folder)));
        match found {
            Some((wanted, left_out)) => println!("{line}: {left_out} of {} left out", wanted.targets[0].metadata[0].tables.len()),
            None => println!("{line}: stops both ways"),
        }
    }
}

#[test]
fn columns_take_their_own_names_targets_and_comments() {
    let (wanted, left_out) = with_head(
        r#"
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    b_id: Mapped[Optional[int]] = mapped_column(ForeignKey("b.id", ondelete="CASCADE"), comment="one")
    made: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
    old = Column("old_name", String(20), index=True)
    name: Mapped[str]

class B(Base):
    __tablename__ = "b"
    name: Mapped[str]
    id: Mapped[int] = mapped_column(primary_key=True)
    c_ref: Mapped[Optional[int]] = mapped_column(ForeignKey("other.c.id", ondelete="CASCADE"), comment="two")
    d_ref: Mapped[Optional[int]] = mapped_column(ForeignKey("d.key", ondelete="CASCADE"), comment="three")

class D(Base):
    __tablename__ = "d"
    key: Mapped[int] = mapped_column(primary_key=True)
    when: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
    old = Column("old_name", String(20), index=True)
    text: Mapped[str]
    b: Mapped[Optional["B"]] = relationship(back_populates="ds")

    def __repr__(self):
        return self.text

    @property
    def shown(self):
        return self.text
"#,
    );
    let tables = &wanted.targets[0].metadata[0].tables;
    assert_eq!(tables.iter().map(|table| table.name.to_string()).collect::<Vec<_>>(), ["d", "b", "a"]);
    assert_eq!(
        tables[0].columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
        ["key", "when", "old_name", "text"]
    );
    assert_eq!(left_out, 1, "B refers to another schema, which is written with other words");
}

#[test]
fn bases_bring_columns_and_have_a_say() {
    let (_, left_out) = with_head(
        r#"
class Stamped:
    made: Mapped[datetime.datetime] = mapped_column(default=datetime.datetime.now)
    by: Mapped[Optional[str]] = mapped_column(String(50), sort_order=10)
    def touch(self): pass

class PerClass:
    @declared_attr
    def owner_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("owner_%s.id" % cls.__tablename__))

class Named:
    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower()

class A(Base, Stamped):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
class B(Stamped, Base):
    __tablename__ = "b"
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
class C(Base, Stamped):
    __tablename__ = "c"
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    def touch(self): return 1
class C2(Base, Stamped):
    __tablename__ = "c2"
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    by: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
class C3(Base, Stamped):
    __tablename__ = "c3"
    by: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
class P1(Base, PerClass):
    __tablename__ = "p1"
    id: Mapped[int] = mapped_column(primary_key=True)
class P2(Base, PerClass):
    __tablename__ = "p2"
    id: Mapped[int] = mapped_column(primary_key=True)
class N1(Named, Base):
    id: Mapped[int] = mapped_column(primary_key=True)
class N2(Named, Base):
    __tablename__ = "n_two"
    id: Mapped[int] = mapped_column(primary_key=True)
class N3(Named, Base):
    __tablename__ = "n_three"
    id: Mapped[int] = mapped_column(primary_key=True)
"#,
    );
    assert_eq!(left_out, 2, "C and N3");
}

#[test]
fn arguments_of_a_table_come_from_the_bases_or_from_the_class() {
    let (_, left_out) = with_head(
        r#"
class Engine:
    __table_args__ = {"mysql_engine": "InnoDB", "comment": "of the base"}

class A(Base, Engine):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    __table_args__ = (sa.UniqueConstraint("name"),)
class B(Base, Engine):
    __tablename__ = "b"
    id: Mapped[int] = mapped_column(primary_key=True)
class C(Base, Engine):
    __tablename__ = "c"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    __table_args__ = {}
class D(Base, Engine):
    __tablename__ = "d"
    id: Mapped[int] = mapped_column(primary_key=True)
class E(Base, Engine):
    __tablename__ = "e"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    __table_args__ = (sa.UniqueConstraint("name"),)
"#,
    );
    assert!(left_out >= 2, "D and E: {left_out}");
}

#[test]
fn a_class_that_somebody_touches_is_evaluated() {
    let (_, left_out) = with_head(
        r#"
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
class B(Base):
    __tablename__ = "b"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
class C(Base):
    __tablename__ = "c"
    id: Mapped[int] = mapped_column(primary_key=True)
    __mapper_args__ = {"polymorphic_on": "kind"}
    kind: Mapped[str]
    bs: Mapped[List[B]] = relationship(B, secondary="ab")
class CC(C):
    extra: Mapped[Optional[str]]
class CD(C):
    __tablename__ = "cd"
    id: Mapped[int] = mapped_column(ForeignKey("c.id"), primary_key=True)
class E(Base):
    __tablename__ = "e"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
class F(Base):
    __tablename__ = "f"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    parents: Mapped[List[E]] = relationship()
ab = sa.Table("ab", Base.metadata, Column("a", ForeignKey("a.id")), Column("b", ForeignKey(B.id)))
sa.Index("ix_later", E.kind, unique=True)
B.added = Column("added", Integer)
"#,
    );
    assert_eq!(left_out, 1);
}

#[test]
fn types_are_those_of_the_exemplars() {
    let (_, left_out) = with_head(
        r#"
class Colour(enum.Enum):
    red = 1
    blue = 2
class Trimmed(sa.types.TypeDecorator):
    impl = String(10)
shared = Enum("x", "y", name="shared")
pk = Annotated[int, mapped_column(primary_key=True)]
class A(Base):
    __tablename__ = "a"
    id: Mapped[pk]
    colour: Mapped[Colour]
    other: Mapped[Optional[Colour]] = mapped_column(Enum(Colour, name="other"))
    text: Mapped[Optional[str]] = mapped_column(Trimmed)
    js = Column(sa.JSON().with_variant(sa.Text(), "sqlite"))
    sh = Column(shared)
class B(Base):
    __tablename__ = "b"
    id: Mapped[pk]
    js = Column(sa.JSON().with_variant(sa.Text(), "sqlite"))
    sh2 = Column(shared)
    text: Mapped[Optional[str]] = mapped_column(Trimmed)
    colour2: Mapped[Colour]
class S(Base):
    __tablename__ = "s"
    __table_args__ = {"schema": "other", "comment": "x"}
    id: Mapped[pk]
    colour: Mapped[Colour]
class S2(Base):
    __tablename__ = "s2"
    __table_args__ = {"schema": "other", "comment": "x"}
    id: Mapped[pk]
    colour: Mapped[Colour]
"#,
    );
    assert_eq!(left_out, 2);
}

#[test]
fn keys_without_a_type_take_that_of_what_they_refer_to() {
    let (_, left_out) = with_head(
        r#"
class A(Base):
    __tablename__ = "a"
    id = Column(String(7), primary_key=True)
class B(Base):
    __tablename__ = "b"
    id = Column(Integer, primary_key=True)
    a_id = Column(ForeignKey("a.id"))
class C(Base):
    __tablename__ = "c"
    id = Column(Integer, primary_key=True)
    b_id = Column(ForeignKey("b.id"))
class D(Base):
    __tablename__ = "d"
    id = Column(ForeignKey("a.id"), primary_key=True)
class E(Base):
    __tablename__ = "e"
    id = Column(ForeignKey("d.id"), primary_key=True)
class F(Base):
    __tablename__ = "f"
    id = Column(Integer, primary_key=True)
    e_id = Column(ForeignKey("e.id"))
    nowhere = Column(ForeignKey("e.nothing"))
"#,
    );
    assert_eq!(left_out, 3);
}

#[test]
fn what_words_mean_may_differ_from_place_to_place() {
    let (_, left_out) = with_head(
        r#"
size = 10
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    name = Column(String(size))
size = 20
class B(Base):
    __tablename__ = "b"
    id: Mapped[int] = mapped_column(primary_key=True)
    name = Column(String(size))
class C(Base):
    __tablename__ = "c"
    width = 5
    id: Mapped[int] = mapped_column(primary_key=True)
    name = Column(String(width))
class D(Base):
    __tablename__ = "d"
    width = 6
    id: Mapped[int] = mapped_column(primary_key=True)
    name = Column(String(width))
def column():
    return Column(String(3))
class E(Base):
    __tablename__ = "e"
    id: Mapped[int] = mapped_column(primary_key=True)
    name = column()
class F(Base):
    __tablename__ = "f"
    id: Mapped[int] = mapped_column(primary_key=True)
    name = column()
"#,
    );
    assert_eq!(left_out, 0);
}

#[test]
fn code_that_looks_at_all_tables_sees_them() {
    for rest in [
        "for table in list(Base.metadata.tables.values()):\n    table.append_column(Column('extra', Integer))\n",
        "for table in Base.metadata.sorted_tables:\n    table.comment = 'x'\n",
        "for cls in Base.__subclasses__():\n    cls.__table__.comment = 'y'\n",
        "for name, thing in list(globals().items()):\n    if isinstance(thing, type) and hasattr(thing, '__table__'):\n        thing.__table__.comment = 'z'\n",
        "for mapper in Base.registry.mappers:\n    mapper.local_table.comment = 'm'\n",
        "assert 'b' in Base.metadata\n",
    ] {
        let (wanted, _) = with_head(&format!(
            "class A(Base):\n    __tablename__ = 'a'\n    id: Mapped[int] = mapped_column(primary_key=True)\nclass B(Base):\n    __tablename__ = 'b'\n    id: Mapped[int] = mapped_column(primary_key=True)\n{rest}"
        ));
        let tables = &wanted.targets[0].metadata[0].tables;
        assert_eq!(tables[0].comment, tables[1].comment);
    }
}

#[test]
fn mistakes_are_told_as_ever() {
    for (rest, told) in [
        (
            "class C(Base):\n    __tablename__ = 'b'\n    id: Mapped[int] = mapped_column(primary_key=True)\n",
            true,
        ),
        ("class C(Base):\n    __tablename__ = 'c'\n    name: Mapped[str]\n", false),
        (
            "class C(Base):\n    __tablename__ = 'c'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    x = relationship(nothing)\n",
            true,
        ),
        (
            "class C(Base):\n    __tablename__ = 'c'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    @nothing\n    def f(self): pass\n",
            true,
        ),
        (
            "class C(Base):\n    __tablename__ = 'c'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    x: Mapped[nothing]\n",
            true,
        ),
        (
            "import nowhere\nclass C(nowhere.Base):\n    __tablename__ = 'c'\n    id: Mapped[int] = mapped_column(primary_key=True)\n",
            true,
        ),
    ] {
        let models = format!(
            "{HEAD}\nclass A(Base):\n    __tablename__ = 'a'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    name: Mapped[str]\nclass B(Base):\n    __tablename__ = 'b'\n    id: Mapped[int] = mapped_column(primary_key=True)\n{rest}"
        );
        let found = both(&Project::new(&models));
        assert!(found.is_none() || !told, "{rest}");
    }
}

#[test]
fn functions_of_env_py_see_every_object() {
    let project = Project::new(&format!(
        "{HEAD}\nclass A(Base):\n    __tablename__ = 'a'\n    id: Mapped[int] = mapped_column(primary_key=True)\nclass B(Base):\n    __tablename__ = 'b'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    ));
    project.env(
        "postgresql://u@h/d",
        "def include_object(*args):\n    return True\n",
        "include_object=include_object",
    );
    both(&project).expect("models");
}

#[test]
fn several_modules_share_a_base() {
    let project = Project::new("from app.base import Base\nfrom app import one, two\nmetadata = Base.metadata\n");
    project.write("app/__init__.py", "from app.one import One\n");
    project.write("app/base.py", HEAD);
    let class = |name: &str| {
        format!("class {name}(Base):\n    __tablename__ = '{name}'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    name: Mapped[str]\n")
    };
    project.write(
        "app/one.py",
        &format!("from app.base import *\nfrom app.base import Base\n{}{}", class("One"), class("Uno")),
    );
    project.write(
        "app/two.py",
        &format!(
            "from app.base import *\nfrom app.one import Uno\n{}{}class Sub(Uno):\n    more = Column(Integer)\n",
            class("Two"),
            class("Due")
        ),
    );
    let (wanted, left_out) = both(&project).expect("models");
    assert_eq!(left_out, 2, "Two and Due; Uno is touched");
    assert_eq!(wanted.targets[0].metadata[0].tables.len(), 4);
}

#[test]
fn constraints_and_indexes_take_their_own_names_and_columns() {
    let (wanted, left_out) = with_head(
        r#"
class A(Base):
    __tablename__ = "a"
    __table_args__ = (
        sa.UniqueConstraint("name", "size", name="uq_a"),
        sa.Index("ix_a", "size", unique=True),
        sa.CheckConstraint("size > 0", name="ck_a"),
        {"comment": "x"},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    size: Mapped[int] = mapped_column("sz", sa.BigInteger)
class B(Base):
    __tablename__ = "b"
    __table_args__ = (
        sa.Index("ix_b", "sz", unique=True),
        sa.UniqueConstraint("title", "sz", name="uq_b"),
        sa.CheckConstraint("size > 0", name="ck_b"),
        {"comment": "x"},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    size: Mapped[int] = mapped_column("sz", sa.BigInteger)
class C(Base):
    __tablename__ = "c"
    __table_args__ = (sa.UniqueConstraint("id", "nothing"), )
    id: Mapped[int] = mapped_column(primary_key=True)
    nothing: Mapped[int]
class D(Base):
    __tablename__ = "d"
    __table_args__ = (sa.UniqueConstraint("something", "id"), )
    id: Mapped[int] = mapped_column(primary_key=True)
    something: Mapped[int]
"#
        .replace("\"name\", \"size\", name=\"uq_a\"", "\"name\", \"sz\", name=\"uq_a\"")
        .replace("\"ix_a\", \"size\"", "\"ix_a\", \"sz\"")
        .as_str(),
    );
    assert_eq!(left_out, 2);
    let tables = &wanted.targets[0].metadata[0].tables;
    assert_eq!((tables[1].constraints.len(), tables[1].indexes.len()), (2, 1));
}

#[test]
fn exemplars_that_change_after_they_were_made_are_no_exemplars() {
    for change in [
        "A.__table__.c.name.nullable = True",
        "A.__table__.c.name.type = Integer()",
        "A.__table__.c.name.type.length = 7",
        "A.added = Column('added', Integer)",
        "A.__table__.append_column(Column('added', Integer))",
        "sa.Index('ix_later', A.name)",
        "A.__table__.append_constraint(sa.UniqueConstraint('name'))",
        "A.__table__.comment = 'later'",
        "A.name.comment = 'later'",
        "A.__table__.c.name.server_default = sa.DefaultClause('x')",
        "A.__table__.c.name.append_foreign_key(ForeignKey('b.id'))",
    ] {
        for (before, after) in [(change, ""), ("", change)] {
            with_head(&format!(
                "class A(Base):\n    __tablename__ = 'a'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    name = Column(String(5))\n{before}\nclass B(Base):\n    __tablename__ = 'b'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    name = Column(String(5))\n{after}\n"
            ));
        }
    }
}

#[test]
fn the_order_of_tables_is_the_engines() {
    let classes: String = [("a", "c"), ("b", "a"), ("c", "d"), ("d", "c"), ("e", "b"), ("f", "nowhere"), ("g", "g"), ("h", "d")]
        .iter()
        .map(|(name, parent)| {
            format!(
                "class {}(Base):\n    __tablename__ = '{name}'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    parent: Mapped[int] = mapped_column(ForeignKey('{parent}.id'))\n",
                name.to_uppercase()
            )
        })
        .collect();
    let (_, left_out) = with_head(&classes);
    assert_eq!(left_out, 7);
}

/// Models in two modules; what is written with the same words in both may mean different things.
fn two_modules(one: &str, two: &str) -> usize {
    let project = Project::new("from base import Base\nimport one, two\nmetadata = Base.metadata\n");
    project.write("base.py", HEAD);
    let head =
        "import enum\nimport sqlalchemy as sa\nfrom sqlalchemy import Column, ForeignKey, Integer, String\nfrom sqlalchemy.orm import Mapped, mapped_column\n";
    project.write("one.py", &format!("{head}{one}"));
    project.write("two.py", &format!("{head}{two}"));
    both(&project).expect("models").1
}

#[test]
fn words_of_another_module_count_where_its_names_mean_the_same() {
    let class = |name: &str, rest: &str| {
        format!("class {name}(Base):\n    __tablename__ = '{name}'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    {rest}\n")
    };
    let base = "from base import Base\n";
    let plain = |name: &str| format!("{base}{}", class(name, "name = Column(String(20))"));
    assert_eq!(two_modules(&plain("a"), &plain("b")), 1);
    let longer = format!("{base}{}", class("b", "name = Column(String(30))"));
    assert_eq!(two_modules(&plain("a"), &longer), 1, "only the length differs");
    for (one, two) in [
        ("class Kind(enum.Enum):\n    x = 1\n", "class Kind(enum.Enum):\n    y = 1\n"),
        ("Kind = int\n", "Kind = str\n"),
        ("Kind = bool\n", "from base import datetime\nKind = datetime.datetime\n"),
    ] {
        for column in ["kind: Mapped[Kind]", "kind: Mapped['Kind']", "kind: 'Mapped[Kind]'"] {
            let left_out = two_modules(&format!("{base}{one}{}", class("a", column)), &format!("{base}{two}{}", class("b", column)));
            assert_eq!(left_out, 0, "{one}{two}{column}");
        }
    }
    let mine = "class String(sa.String):\n    pass\n";
    let own = |name: &str, length: u32| class(name, &format!("name = Column(String({length}))"));
    two_modules(&format!("{base}{mine}{}{}", own("a", 3), own("b", 4)), &plain("c"));
    let decorated = "class String(sa.types.TypeDecorator):\n    impl = sa.Text\n";
    two_modules(&format!("{base}{decorated}{}{}", own("a", 3), own("b", 4)), &plain("c"));
    let other = "from base import DeclarativeBase\nclass Base(DeclarativeBase):\n    pass\n";
    assert_eq!(two_modules(&plain("a"), &format!("{other}{}", class("b", "name = Column(String(20))"))), 0);
}
