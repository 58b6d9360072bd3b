//! Opens a file in the user's editor.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::ScriptError;

/// Editors to try when the user has not chosen one.
const DEFAULTS: [&str; 5] = ["sensible-editor", "editor", "nano", "vim", "code"];

/// Opens `path` in the editor that `variable` names (`EDITOR`, then `VISUAL`), or a common one, and waits for it.
///
/// # Errors
/// When there is no editor or it ends with a failure.
pub fn open_in_editor(path: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<(), ScriptError> {
    let editor = find(&variable).ok_or_else(|| failed("No suitable editor found. Please set the \"EDITOR\" or \"VISUAL\" environment variables".to_owned()))?;
    let status = Command::new(&editor).arg(path).status().map_err(|error| failed(error.to_string()))?;
    if status.success() {
        return Ok(());
    }
    let ended = match status.code() {
        Some(code) => format!("returned non-zero exit status {code}"),
        None => format!("ended with {status}"),
    };
    Err(failed(format!("Command '['{}', '{}']' {ended}.", editor.display(), path.display())))
}

fn find(variable: &impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let mut candidates: Vec<String> = DEFAULTS.map(str::to_owned).to_vec();
    for (index, name) in ["EDITOR", "VISUAL"].into_iter().enumerate() {
        let Some(chosen) = variable(name) else {
            continue;
        };
        if Path::new(&chosen).exists() {
            return Some(chosen.into());
        }
        if !chosen.contains('/') {
            candidates.insert(index.min(candidates.len()), chosen);
        }
    }
    let path = variable("PATH").unwrap_or_default();
    candidates.iter().find_map(|candidate| {
        std::env::split_paths(&path)
            .map(|folder| folder.join(candidate))
            .find(|program| program.exists())
    })
}

fn failed(message: String) -> ScriptError {
    ScriptError::Editor { message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(editor: &'static str) -> impl Fn(&str) -> Option<String> {
        move |name| match name {
            "EDITOR" => Some(editor.to_owned()),
            "PATH" => Some("/usr/bin:/bin".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn the_users_editor_runs() {
        assert!(open_in_editor(Path::new("/x"), with("true")).is_ok());
        let error = open_in_editor(Path::new("/x"), with("/bin/false")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Error executing editor (Command '['/bin/false', '/x']' returned non-zero exit status 1.)"
        );
    }

    #[test]
    fn without_any_editor() {
        let error = open_in_editor(Path::new("/x"), |_| None).unwrap_err();
        assert!(error.to_string().contains("No suitable editor found"));
    }
}
