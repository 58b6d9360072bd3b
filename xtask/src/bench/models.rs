//! Writes a project of models: tables with keys, indexes, an enumeration, defaults, comments and relationships, in ten modules.

use crate::workspace;
use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;

/// Writes a project with `count` tables into `directory`; it has no revisions yet.
pub fn write(directory: &Path, count: usize) -> Result<(), String> {
    let ini = "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\npath_separator = os\n\
               sqlalchemy.url = sqlite:///%(here)s/app.db\n\n";
    workspace::write(&directory.join("alembic.ini"), &format!("{ini}{}", include_str!("logging.ini")))?;
    let env = include_str!("env.py").replace("target_metadata = None", "from app.models import Base\n\ntarget_metadata = Base.metadata");
    workspace::write(&directory.join("migrations/env.py"), &env)?;
    workspace::write(&directory.join("migrations/script.py.mako"), include_str!("script.py.mako"))?;
    std::fs::create_dir_all(directory.join("migrations/versions")).map_err(|error| error.to_string())?;
    workspace::write(
        &directory.join("app/base.py"),
        "import enum\n\nfrom sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n\n\n\
         class State(enum.Enum):\n    NEW = \"new\"\n    DONE = \"done\"\n",
    )?;
    workspace::write(&directory.join("app/__init__.py"), "")?;
    let modules = 10;
    let mut package = "from app.base import Base\n".to_owned();
    for module in 0..modules {
        let mut text = "from typing import Optional\n\nimport sqlalchemy as sa\nfrom sqlalchemy.orm import Mapped, mapped_column, relationship\n\n\
                        from app.base import Base, State\n"
            .to_owned();
        for number in (0..count).filter(|number| number * modules / count == module) {
            text.push_str(&class(number));
        }
        workspace::write(&directory.join(format!("app/models/part{module}.py")), &text)?;
        let _ = writeln!(package, "from app.models import part{module}");
    }
    workspace::write(&directory.join("app/models/__init__.py"), &package)
}

/// One class; what its columns are written with varies as it does between the tables of an application.
fn class(number: usize) -> String {
    let mut text = format!("\n\nclass T{number}(Base):\n    __tablename__ = \"t{number}\"\n");
    if number.is_multiple_of(5) {
        let _ = writeln!(
            text,
            "    __table_args__ = (\n        sa.Index(\"ix_t{number}_both\", \"name\", \"amount\"),\n        \
             sa.UniqueConstraint(\"name\", \"created\", name=\"uq_t{number}\"),\n    )"
        );
    }
    let length = 20 + number % 12 * 10;
    let _ = writeln!(
        text,
        "    id: Mapped[int] = mapped_column(primary_key=True)\n    \
         name: Mapped[str] = mapped_column(sa.String({length}), index=True)\n    \
         note: Mapped[Optional[str]] = mapped_column(comment=\"what is to be known of {number}\")\n    \
         amount: Mapped[Optional[float]] = mapped_column(sa.Numeric({}, 2))\n    \
         created: Mapped[Optional[str]] = mapped_column(sa.DateTime, server_default=sa.func.now())",
        10 + number % 3
    );
    if number.is_multiple_of(3) {
        text.push_str("    state: Mapped[State] = mapped_column(sa.Enum(State, name=\"state\"))\n");
    }
    if let Some(parent) = number.checked_sub(1) {
        let _ = writeln!(
            text,
            "    parent_id: Mapped[Optional[int]] = mapped_column(sa.ForeignKey(\"t{parent}.id\", ondelete=\"CASCADE\"))\n    \
             parent: Mapped[Optional[\"T{parent}\"]] = relationship()"
        );
    }
    text.push_str("\n    def __repr__(self) -> str:\n        return f\"{self.name} {self.amount}\"\n");
    text
}

/// Changes a module of the models without changing a table.
pub fn edit(directory: &Path) {
    let file = std::fs::OpenOptions::new().append(true).open(directory.join("app/models/part0.py"));
    let _ = file.and_then(|mut file| file.write_all(b"# edited\n"));
}
