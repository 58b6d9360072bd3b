//! What a connection takes from the process around it, as a value.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Variables, home directory and user name: what libpq looks at beside the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Environment variables.
    pub variables: BTreeMap<String, String>,
    /// Where `.pgpass`, `.pg_service.conf` and `.postgresql/` are looked for.
    pub home: Option<PathBuf>,
    /// The name of the operating system's user, PostgreSQL's default role.
    pub user: Option<String>,
}

impl Environment {
    /// Reads the process's own environment.
    pub fn of_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let home = variables.get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let user = user_of_process().or_else(|| variables.get("USER").cloned());
        Environment { variables, home, user }
    }

    /// Returns a variable that is set and not empty: libpq takes an empty one as unset.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Finds the name of the process's user as libpq does, by its number in the user database.
fn user_of_process() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let number = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_unset() {
        let environment = Environment {
            variables: [("PGHOST".to_owned(), String::new()), ("PGUSER".to_owned(), "u".to_owned())].into(),
            ..Environment::default()
        };
        assert_eq!(environment.variable("PGHOST"), None);
        assert_eq!(environment.variable("PGUSER"), Some("u"));
    }
}
