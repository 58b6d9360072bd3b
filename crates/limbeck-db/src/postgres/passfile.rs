//! `~/.pgpass`: passwords by host, port, database and user.

use std::path::Path;

use crate::Secret;

/// What a connection attempt is known by in the file.
pub(super) struct Key<'a> {
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// Reads the file as libpq does: one that others may read is ignored, with a warning.
pub(super) fn read(path: &Path) -> Result<Option<String>, String> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(None);
    };
    if !metadata.is_file() {
        return Err(format!("password file `{}` is not a plain file", path.display()));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(format!(
            "password file `{}` has group or world access; permissions should be u=rw (0600) or less",
            path.display()
        ));
    }
    std::fs::read_to_string(path)
        .map(Some)
        .map_err(|error| format!("password file `{}`: {error}", path.display()))
}

/// Finds the password of the first line that fits.
pub(super) fn find(text: &str, key: &Key<'_>) -> Option<Secret> {
    let port = key.port.to_string();
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for wanted in [key.host, &port, key.database, key.user] {
            let (field, after) = field(rest)?;
            // Only a bare star stands for anything; `\*` is a star.
            if field.raw != "*" && field.value != wanted {
                return None;
            }
            rest = after;
        }
        let password = unescape(rest.trim_end_matches('\r'));
        (!password.is_empty()).then(|| Secret::new(password))
    })
}

struct Field<'a> {
    raw: &'a str,
    value: String,
}

/// Cuts the text at the first colon that is not escaped.
fn field(text: &str) -> Option<(Field<'_>, &str)> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b':' => {
                let raw = &text[..at];
                return Some((Field { raw, value: unescape(raw) }, &text[at + 1..]));
            }
            _ => {}
        }
    }
    None
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# comment\n\
        db.example.org:5432:app:ann:first\n\
        *:*:app:bob:se\\:cond\\\\\n\
        localhost:5433:*:*:third\r\n\
        *:*:*:carl:\n\
        \\*:*:*:dora:star\n";

    fn password(host: &str, port: u16, database: &str, user: &str) -> Option<String> {
        find(FILE, &Key { host, port, database, user }).map(|secret| secret.reveal().to_owned())
    }

    #[test]
    fn the_first_line_that_fits_wins() {
        assert_eq!(password("db.example.org", 5432, "app", "ann").as_deref(), Some("first"));
        assert_eq!(password("db.example.org", 5433, "app", "ann"), None);
        assert_eq!(password("anywhere", 1, "app", "bob").as_deref(), Some("se:cond\\"));
        assert_eq!(password("localhost", 5433, "x", "y").as_deref(), Some("third"));
        assert_eq!(password("h", 1, "d", "carl"), None, "an empty password is none");
        assert_eq!(password("h", 1, "d", "dora"), None, "an escaped star is a star");
        assert_eq!(password("*", 1, "d", "dora").as_deref(), Some("star"));
    }

    #[test]
    fn a_file_that_others_may_read_is_ignored() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pgpass");
        assert_eq!(read(&path), Ok(None));
        std::fs::write(&path, FILE).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read(&path).unwrap_err().contains("0600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some(FILE));
    }
}
