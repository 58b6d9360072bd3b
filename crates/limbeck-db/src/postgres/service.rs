//! `pg_service.conf`: connection settings by name.

use std::path::PathBuf;

use crate::{DbError, Environment};

/// Finds the settings of a service in the user's file, then in the system's.
///
/// # Errors
/// The service is nowhere, or a file has a line that is no setting.
pub(super) fn find(name: &str, environment: &Environment) -> Result<Vec<(String, String)>, DbError> {
    let files = files(environment);
    for path in &files {
        let Ok(text) = std::fs::read_to_string(path) else {
            continue;
        };
        let settings = section(&text, name)
            .map_err(|line| DbError::operational("E0603", format!("service file `{}` has a line that is no setting: line {line}", path.display())))?;
        if let Some(settings) = settings {
            return Ok(settings);
        }
    }
    let places: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    Err(DbError::operational("E0603", format!("there is no definition of service `{name}`"))
        .hint(format!("define it as `[{name}]` in one of: {}", places.join(", "))))
}

fn files(environment: &Environment) -> Vec<PathBuf> {
    let mut files = Vec::new();
    match environment.variable("PGSERVICEFILE") {
        Some(path) => files.push(PathBuf::from(path)),
        None => files.extend(environment.home.as_ref().map(|home| home.join(".pg_service.conf"))),
    }
    let system = environment.variable("PGSYSCONFDIR").unwrap_or("/etc/postgresql-common");
    files.push(PathBuf::from(system).join("pg_service.conf"));
    files
}

/// Reads one section; the error is the number of a bad line.
fn section(text: &str, name: &str) -> Result<Option<Vec<(String, String)>>, usize> {
    let mut found: Option<Vec<(String, String)>> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            if found.is_some() {
                break;
            }
            if line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) == Some(name) {
                found = Some(Vec::new());
            }
            continue;
        }
        if let Some(settings) = &mut found {
            let (key, value) = line.split_once('=').ok_or(index + 1)?;
            settings.push((key.to_owned(), value.to_owned()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_and_others_are_not() {
        let text = "# x\n[one]\nhost=a\n\n[two]\nhost=b\nport=1\n[two]\nport=2\nnonsense\n";
        assert_eq!(section(text, "one"), Ok(Some(vec![("host".into(), "a".into())])));
        assert_eq!(section(text, "two"), Ok(Some(vec![("host".into(), "b".into()), ("port".into(), "1".into())])));
        assert_eq!(section(text, "three"), Ok(None));
        assert_eq!(section("[x]\nhost\n", "x"), Err(2));
    }

    #[test]
    fn a_missing_service_names_the_files() {
        let directory = tempfile::tempdir().unwrap();
        let environment = Environment {
            home: Some(directory.path().to_owned()),
            ..Environment::default()
        };
        let error = find("gone", &environment).unwrap_err();
        assert_eq!(error.code, "E0603");
        assert!(error.hint.unwrap().contains(".pg_service.conf"));
    }
}
