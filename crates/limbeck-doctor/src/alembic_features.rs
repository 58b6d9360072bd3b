//! What in a project's files needs a newer Alembic than others. The versions are those that Alembic's own documentation names (`versionadded`).

use crate::python_version::PythonVersion;

/// Something that only newer releases know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// The file it is in, for people.
    pub file: String,
    /// What it is.
    pub what: &'static str,
    /// The first release that knows it.
    pub since: PythonVersion,
}

/// Keys of the configuration.
const KEYS: &[(&str, &str)] = &[("path_separator", "1.16"), ("recursive_version_locations", "1.10")];
/// Words anywhere in a script or env.py.
const WORDS: &[(&str, &str)] = &[("op.run_async(", "1.11"), ("autogenerate_plugins", "1.18")];
/// Arguments of operations: the call, the argument, what to call it, since when.
const ARGUMENTS: &[(&str, &str, &str, &str)] = &[
    ("create_index(", "if_not_exists", "create_index(if_not_exists=…)", "1.12"),
    ("drop_index(", "if_exists", "drop_index(if_exists=…)", "1.12"),
    ("create_table(", "if_not_exists", "create_table(if_not_exists=…)", "1.13.3"),
    ("drop_table(", "if_exists", "drop_table(if_exists=…)", "1.13.3"),
    ("add_column(", "if_not_exists", "add_column(if_not_exists=…)", "1.16"),
    ("drop_column(", "if_exists", "drop_column(if_exists=…)", "1.16"),
    ("drop_constraint(", "if_exists", "drop_constraint(if_exists=…)", "1.16"),
    ("add_column(", "inline_references", "add_column(inline_references=…)", "1.18.2"),
    ("add_column(", "inline_primary_key", "add_column(inline_primary_key=…)", "1.18.4"),
];

fn feature(file: &str, what: &'static str, since: &str) -> Feature {
    Feature {
        file: file.to_owned(),
        what,
        since: PythonVersion::parse(since).expect("a version of the tables above"),
    }
}

/// What an ini file needs.
pub fn of_ini(file: &str, text: &str) -> Vec<Feature> {
    let has = |key: &str| text.lines().any(|line| line.split(['=', ':']).next().is_some_and(|name| name.trim() == key));
    KEYS.iter().filter(|(key, _)| has(key)).map(|(key, since)| feature(file, key, since)).collect()
}

/// What `[tool.alembic]` itself needs.
pub fn of_pyproject(file: &str) -> Feature {
    feature(file, "[tool.alembic]", "1.16")
}

/// What a script or env.py needs.
pub fn of_python(file: &str, text: &str) -> Vec<Feature> {
    let mut found: Vec<Feature> = WORDS
        .iter()
        .filter(|(word, _)| text.contains(word))
        .map(|(word, since)| feature(file, word, since))
        .collect();
    for (call, argument, what, since) in ARGUMENTS {
        let mut calls = text.match_indices(call).map(|(at, _)| arguments(&text[at + call.len()..]));
        if calls.any(|inside| has_argument(inside, argument)) {
            found.push(feature(file, what, since));
        }
    }
    found
}

/// The text up to the parenthesis that closes the call.
fn arguments(text: &str) -> &str {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 => return &text[..at],
            ')' => depth -= 1,
            _ => {}
        }
    }
    text
}

fn has_argument(inside: &str, name: &str) -> bool {
    inside.match_indices(name).any(|(at, _)| {
        let before = inside[..at].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_') && inside[at + name.len()..].trim_start().starts_with('=')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: Vec<Feature>) -> Vec<&'static str> {
        found.into_iter().map(|feature| feature.what).collect()
    }

    #[test]
    fn keys_count_as_keys_only() {
        let ini = "[alembic]\nversion_path_separator = os\n# path_separator = os\n";
        assert!(of_ini("alembic.ini", ini).is_empty());
        assert_eq!(names(of_ini("alembic.ini", "path_separator=os\n")), ["path_separator"]);
    }

    #[test]
    fn arguments_belong_to_their_call() {
        let script = "op.create_table('t', sa.Column('a', sa.Integer()))\nop.add_column('t', sa.Column('b', sa.Integer()), if_not_exists=True)\n";
        assert_eq!(names(of_python("x.py", script)), ["add_column(if_not_exists=…)"]);
        assert!(of_python("x.py", "op.drop_column('t', 'if_exists')").is_empty());
        assert_eq!(
            names(of_python("env.py", "context.configure(autogenerate_plugins=[])")),
            ["autogenerate_plugins"]
        );
    }
}
