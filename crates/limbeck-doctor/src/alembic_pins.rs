//! What the files of a Python project say about the version of Alembic: requirements, pyproject.toml, the lock files of Poetry, uv, PDM and Pipenv.

use crate::python_version::{PythonVersion, exact};

/// A file's word on the version of Alembic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The file, for people.
    pub file: String,
    /// The requirement as it is written, without the name: `>=1.13,<2`; empty where any will do.
    pub requirement: String,
    /// The one version that it allows.
    pub version: Option<PythonVersion>,
}

/// The names of files that are worth reading, in the project's folder and in `requirements/`.
pub fn is_of_interest(name: &str) -> bool {
    matches!(
        name,
        "pyproject.toml" | "poetry.lock" | "uv.lock" | "pdm.lock" | "Pipfile" | "Pipfile.lock" | "setup.cfg"
    ) || name.ends_with(".txt") && (name.contains("requirements") || name.contains("constraints"))
}

/// Reads the pins of a file; `name` is the file's name, `shown` what people call it.
pub fn read(name: &str, shown: &str, text: &str) -> Vec<Pin> {
    let requirements = match name {
        "poetry.lock" | "uv.lock" | "pdm.lock" => locked(text),
        "Pipfile.lock" => pipfile_lock(text),
        "pyproject.toml" | "Pipfile" => text.parse::<toml::Table>().map(|table| in_tables(&table, "")).unwrap_or_default(),
        _ => text.lines().filter_map(requirement).collect(),
    };
    let mut pins: Vec<Pin> = Vec::new();
    for requirement in requirements {
        if !pins.iter().any(|pin| pin.requirement == requirement) {
            pins.push(Pin {
                file: shown.to_owned(),
                version: exact(&requirement),
                requirement,
            });
        }
    }
    pins
}

/// `alembic[tz]>=1.13  # why`, also as a line of setup.cfg: what stands behind the name.
fn requirement(line: &str) -> Option<String> {
    let line = line.split(['#', ';']).next().unwrap_or_default().trim().trim_end_matches('\\').trim();
    let rest = line.get(..7).filter(|name| name.eq_ignore_ascii_case("alembic")).map(|_| &line[7..])?;
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1,
        None => rest,
    };
    let rest = rest.split(" --").next().unwrap_or_default().trim();
    // `alembic-utils` and `alembic_postgresql_enum` are others.
    let is_it = rest.is_empty() || rest.starts_with(['=', '<', '>', '~', '!', '^', '@', '(']);
    is_it.then(|| rest.trim_matches(['(', ')']).split_whitespace().collect())
}

fn locked(text: &str) -> Vec<String> {
    let Ok(table) = text.parse::<toml::Table>() else { return Vec::new() };
    let packages = table.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    packages
        .filter(|package| package.get("name").and_then(toml::Value::as_str) == Some("alembic"))
        .filter_map(|package| Some(format!("=={}", package.get("version")?.as_str()?)))
        .collect()
}

fn pipfile_lock(text: &str) -> Vec<String> {
    let Ok(lock) = serde_json::from_str::<serde_json::Value>(text) else {
        return Vec::new();
    };
    let version = |group: &str| lock.get(group)?.get("alembic")?.get("version")?.as_str().map(str::to_owned);
    ["default", "develop"].into_iter().filter_map(version).collect()
}

/// Every requirement on Alembic in lists of texts, and under the key `alembic` of tables of dependencies.
fn in_tables(table: &toml::Table, within: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value {
            toml::Value::Array(items) => found.extend(items.iter().filter_map(toml::Value::as_str).filter_map(requirement)),
            toml::Value::String(version) if key == "alembic" && is_of_dependencies(within) => found.push(version.trim().to_owned()),
            toml::Value::Table(inner) if key == "alembic" && is_of_dependencies(within) => {
                found.extend(inner.get("version").and_then(toml::Value::as_str).map(str::to_owned));
            }
            toml::Value::Table(inner) => found.extend(in_tables(inner, key)),
            _ => {}
        }
    }
    found
}

fn is_of_dependencies(table: &str) -> bool {
    table.contains("dependencies") || table.contains("packages")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str) -> Vec<String> {
        read(name, name, text).into_iter().map(|pin| pin.requirement).collect()
    }

    #[test]
    fn requirements() {
        let text =
            "SQLAlchemy==2.0\nalembic==1.13.1 # why\nalembic-utils==0.8\nAlembic[tz] >= 1.10, < 2 ; python_version > '3'\nalembic==1.13.1 --hash=sha256:ab\n";
        assert_eq!(of("requirements.txt", text), ["==1.13.1", ">=1.10,<2"]);
        assert_eq!(of("requirements-dev.txt", "alembic\n"), [""]);
        assert!(of("requirements.txt", "alembic_postgresql_enum==1\n").is_empty());
    }

    #[test]
    fn project_files() {
        let pep621 = "[project]\ndependencies = ['alembic>=1.13', 'x']\n[tool.alembic]\nscript_location = 'alembic'\n";
        assert_eq!(of("pyproject.toml", pep621), [">=1.13"]);
        let poetry = "[tool.poetry.dependencies]\nalembic = '^1.13'\n[tool.poetry.group.dev.dependencies]\nalembic = {version = '~1.14', extras = ['tz']}\n";
        assert_eq!(of("pyproject.toml", poetry), ["^1.13", "~1.14"]);
        assert_eq!(of("Pipfile", "[packages]\nalembic = '*'\n"), ["*"]);
    }

    #[test]
    fn lock_files() {
        let lock = "[[package]]\nname = 'alembic'\nversion = '1.13.1'\n[[package]]\nname = 'x'\nversion = '1'\n";
        assert_eq!(of("uv.lock", lock), ["==1.13.1"]);
        assert_eq!(of("Pipfile.lock", r#"{"default": {"alembic": {"version": "==1.13.1"}}}"#), ["==1.13.1"]);
        assert!(of("poetry.lock", "not toml").is_empty());
    }
}
