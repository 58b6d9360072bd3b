//! Both readers, on the same inputs.

use std::path::Path;

use super::*;

const STOCK: &str = r#""""add a thing

Revision ID: nn01
Revises: dd04
Create Date: 2024-01-01 10:00:00.000000

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = 'nn01'
down_revision: Union[str, Sequence[str], None] = 'dd04'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.execute("""
revision = 'not me'
    """)


def downgrade() -> None:
    """Downgrade schema."""
    pass
"#;

/// Writes the outcome of a source on one line.
fn shown(source: &str) -> String {
    match read(Path::new("v/x_y.py"), source) {
        Ok(Outcome::Static(header)) => format!(
            "{} <- {} dep {} labels {} doc {:?}{}{}",
            header.revision,
            header.down_revisions.join(","),
            header.depends_on.join(","),
            header.branch_labels.join(","),
            header.message(),
            if header.has_upgrade { " up" } else { "" },
            if header.has_downgrade { " down" } else { "" },
        ),
        Ok(Outcome::Computed(computed)) => {
            let names: Vec<_> = computed.names().map(|(name, line)| format!("{name}:{line}")).collect();
            format!("computed {}", names.join(" "))
        }
        Err(error) => format!("{} {error}", error.code()),
    }
}

/// Checks a source with the default answer of the rest.
#[track_caller]
fn assert_read(source: &str, expected: &str) {
    assert_eq!(shown(source), expected, "{source}");
}

/// Checks that the quick reader knows a source, and that both readers agree.
#[track_caller]
fn assert_quick(source: &str, expected: &str) {
    let quick = scan::scan(source);
    assert_eq!(quick, parse::parse(Path::new("x.py"), source).ok(), "{source}");
    assert_read(source, expected);
}

#[test]
fn the_stock_script_is_read_quickly() {
    assert_quick(STOCK, "nn01 <- dd04 dep  labels  doc \"add a thing\" up down");
    let Ok(Outcome::Static(header)) = read(Path::new("x.py"), STOCK) else {
        panic!("static");
    };
    assert_eq!(header.create_date(), Some("2024-01-01 10:00:00.000000"));
}

#[test]
fn plain_forms() {
    for (source, expected) in [
        ("revision='a'\ndown_revision=None\n", "a <-  dep  labels  doc \"\""),
        (
            "revision = 'a' # x\ndown_revision = ('b', \"c\")\nbranch_labels = ['l',]\n",
            "a <- b,c dep  labels l doc \"\"",
        ),
        (
            "revision = ('a')\ndown_revision = (\n  'b', # why\n  'c'\n)\n",
            "a <- b,c dep  labels  doc \"\"",
        ),
        ("revision = 'a' 'b'; down_revision = u'c'", "ab <- c dep  labels  doc \"\""),
        ("r'''do\\c'''\nrevision = 'a'\ndown_revision = ''\n", "a <-  dep  labels  doc \"do\\\\c\""),
        (
            "\"do\\x41\\\nc\"\nrevision = 'a'\nrevision = 'b'\ndown_revision = ()\n",
            "b <-  dep  labels  doc \"doAc\"",
        ),
        (
            "x = {1:\n'''\nx = 3'''}\nrevision = 'a'\ndown_revision = None\n@deco(\n)\ndef upgrade(\n): pass\n",
            "a <-  dep  labels  doc \"\" up",
        ),
    ] {
        assert_quick(source, expected);
    }
}

#[test]
fn constant_expressions_go_through_the_parser() {
    for (source, expected) in [
        ("id = 'a'\nrevision = id\ndown_revision = id + 'b'\n", "a <- ab dep  labels  doc \"\""),
        (
            "n = 3\nrevision = f'r{n}'\ndown_revision = 'x', 'y'\ndepends_on = {'d'}\n",
            "r3 <- x,y dep d labels  doc \"\"",
        ),
        ("revision, down_revision = 'a', None\n", "a <-  dep  labels  doc \"\""),
        ("a = revision = 'r'\ndown_revision = ['%s' % a]\n", "r <- r dep  labels  doc \"\""),
        (
            "down_revision = ('a',)\ndown_revision += ('b',)\nrevision = 'r'\n",
            "r <- a,b dep  labels  doc \"\"",
        ),
        (
            "from .base import upgrade\nrevision = 'r'\ndown_revision = None\ndowngrade = None\n",
            "r <-  dep  labels  doc \"\" up down",
        ),
        (
            "'''a''' 'b'\nrevision = 'r'\ndown_revision = None\nif 1:\n    x = 2\n",
            "r <-  dep  labels  doc \"ab\"",
        ),
    ] {
        assert!(scan::scan(source).is_none(), "{source}");
        assert_read(source, expected);
    }
}

#[test]
fn what_is_not_known_is_computed() {
    for (source, expected) in [
        ("import x\nrevision = x.y\ndown_revision = None\n", "computed revision:2"),
        (
            "revision = 'a'\nif x:\n    down_revision = 'b'\nelse:\n    down_revision = 'c'\n",
            "computed down_revision:5",
        ),
        ("from x import revision\ndown_revision = None\n", "computed revision:1"),
        ("from x import *\nrevision = 'a'\n", "computed down_revision:1"),
        ("revision = 'a'\nglobals()['down_revision'] = 'x'\n", "computed down_revision:2"),
    ] {
        assert_read(source, expected);
    }
    let source = "import x\nrevision = x.y\ndown_revision = None\n";
    let Ok(Outcome::Computed(computed)) = read(Path::new("x.py"), source) else {
        panic!("computed");
    };
    assert_eq!(computed.refuse().code(), "E0305");
    let header = computed.complete(|name| Some(name.into())).unwrap();
    assert_eq!(header.revision, "revision");
}

#[test]
fn refusals() {
    for (source, expected) in [
        ("revision = 'a'\n", "E0302 module 'x_y_py' has no attribute 'down_revision'"),
        ("revision = 1\ndown_revision = None\n", "E0306 v/x_y.py: `revision` must be a text, found 1"),
        (
            "revision = 'a'\ndown_revision = [1]\n",
            "E0306 v/x_y.py: `down_revision` must be None, a text, or a list or tuple of texts, found 1",
        ),
    ] {
        assert_read(source, expected);
    }
    assert!(shown("x = 1\n").starts_with("E0301 Could not determine revision id from filename x_y.py. Be sure"));
    let error = read(Path::new("x.py"), "revision = 'a'\nif (:\n").unwrap_err();
    assert!(matches!(error, ScriptError::Syntax { line: 2, column: 5, .. }), "{error:?}");
}

#[test]
fn old_files_are_named_by_their_id() {
    let outcome = read(Path::new("v/1a2b.py"), "down_revision = None\n").unwrap();
    assert!(matches!(outcome, Outcome::Static(header) if header.revision == "1a2b"));
}

#[test]
fn encodings() {
    let path = Path::new("x.py");
    let decoded = |bytes: &[u8]| decode(path, bytes.to_vec());
    assert_eq!(decoded(b"\xef\xbb\xbfa = 1\r\nb\rc").unwrap(), "a = 1\nb\nc");
    assert_eq!(decoded(b"#!x\n# -*- coding: latin-1 -*-\n\xe9").unwrap(), "#!x\n# -*- coding: latin-1 -*-\né");
    assert_eq!(decoded(b"# coding: utf-8\n\xe9").unwrap_err().code(), "E0304");
}

proptest::proptest! {
    #[test]
    fn the_quick_reader_agrees_or_declines(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "revision", "down_revision", " = ", "= ", "'a'", "\"b\"", "'''", "\"\"\"", "\n", "\n", "\n    ", "(", ")",
                "[", "]", ",", "None", "def ", "upgrade", "():", " pass", "#", "\\", ";", ": str", "é", "x", "r", "f", "import ",
                "class ", "@", "{", "}", "\\x41", " + ",
            ]),
            0..24,
        )
    ) {
        let source = parts.concat();
        let quick = scan::scan(&source);
        // Only valid Python has a meaning to agree on; anything else just must not panic.
        if let (Some(quick), Ok(full)) = (quick, parse::parse(Path::new("x.py"), &source)) {
            proptest::prop_assert_eq!(quick, full, "{}", source);
        }
    }
}
