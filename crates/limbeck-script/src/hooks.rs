//! Runs the configured programs on a new revision file.
//!
//! Alembic runs `console_scripts` and `module` hooks in its own Python. Here there is none, so they are looked for where
//! the project's tools are: its virtual environment, then `PATH`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::ScriptError;
use crate::progress::{Progress, during};
use crate::project::{PostWriteHook, Project};
use limbeck_source::python::repr;

/// Stands for the new file in a hook's options.
const FILE_TOKEN: &str = "REVISION_SCRIPT_FILENAME";

/// Runs all hooks on `path`, in order.
pub(crate) fn run_all(project: &Project, path: &Path, progress: &mut dyn Progress) -> Result<(), ScriptError> {
    for hook in project.hooks() {
        let name = repr(&hook.name);
        let kind = hook
            .options
            .get("type")
            .ok_or_else(|| failed(format!("Key '{}.type' (or 'type' in toml) is required for post write hook {name}", hook.name)))?;
        let what = format!("Running post write hook {name}");
        during(progress, &what, true, |progress| run(project, path, hook, kind, progress))?;
    }
    Ok(())
}

fn run(project: &Project, path: &Path, hook: &PostWriteHook, kind: &str, progress: &mut dyn Progress) -> Result<(), ScriptError> {
    let mut command = match kind {
        "exec" => Command::new(required(hook, "executable")?),
        "console_scripts" => {
            let name = required(hook, "entrypoint")?;
            Command::new(find_program(project, name).ok_or_else(|| failed(format!("Could not find entrypoint console_scripts.{name}")))?)
        }
        "module" => module_command(project, required(hook, "module")?)?,
        other => {
            return Err(failed(format!("No formatter with name '{other}' registered")));
        }
    };
    let options = hook.options.get("options").map_or("", String::as_str);
    command.args(arguments(options, path)?);
    if let Some(folder) = hook.options.get("cwd") {
        command.current_dir(folder);
    }
    let status = command
        .status()
        .map_err(|error| failed(format!("cannot run `{}`: {error}", command.get_program().to_string_lossy())))?;
    if !status.success() {
        progress.warn(&format!("post write hook {} ended with {status}", repr(&hook.name)));
    }
    Ok(())
}

/// Runs a module by the project's Python; without one, the program that the module installs will do.
fn module_command(project: &Project, module: &str) -> Result<Command, ScriptError> {
    let missing = || failed(format!("Could not find module {module}"));
    let Some(python) = ["python3", "python"].iter().find_map(|name| find_program(project, name)) else {
        return find_program(project, module).map(Command::new).ok_or_else(missing);
    };
    let probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)";
    let known = Command::new(&python)
        .args(["-c", probe, module])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if known {
        let mut command = Command::new(python);
        command.args(["-m", module]);
        return Ok(command);
    }
    find_program(project, module).map(Command::new).ok_or_else(missing)
}

/// Looks for a program in the project's virtual environment and on `PATH`.
fn find_program(project: &Project, name: &str) -> Option<PathBuf> {
    if name.is_empty() || name.contains(['/', '\\']) {
        return None;
    }
    let root = project.root();
    let bin = if cfg!(windows) { "Scripts" } else { "bin" };
    let mut folders = Vec::new();
    if let Ok(Some(python)) = project.config().own_option("python") {
        folders.extend(Path::new(&python).parent().map(|folder| root.join(folder)));
    }
    folders.extend(std::env::var_os("VIRTUAL_ENV").map(|path| PathBuf::from(path).join(bin)));
    folders.extend([".venv", "venv"].map(|environment| root.join(environment).join(bin)));
    if let Some(paths) = std::env::var_os("PATH") {
        folders.extend(std::env::split_paths(&paths));
    }
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn required<'a>(hook: &'a PostWriteHook, key: &str) -> Result<&'a str, ScriptError> {
    hook.options
        .get(key)
        .map(String::as_str)
        .ok_or_else(|| failed(format!("Key {}.{key} is required for post write hook {}", hook.name, repr(&hook.name))))
}

/// Splits the options; the file comes first unless they name it.
fn arguments(options: &str, path: &Path) -> Result<Vec<String>, ScriptError> {
    let options = if options.contains(FILE_TOKEN) {
        options.to_owned()
    } else {
        format!("{FILE_TOKEN} {options}")
    };
    let path = path.display().to_string();
    let words = shell_words(&options).ok_or_else(|| failed("No closing quotation".to_owned()))?;
    Ok(words.into_iter().map(|word| word.replace(FILE_TOKEN, &path)).collect())
}

/// Splits as a POSIX shell does, without expansions; `None` when a quote is not closed.
fn shell_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_ascii_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => match chars.next()? {
                            c @ ('"' | '\\') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

fn failed(message: String) -> ScriptError {
    ScriptError::Hook { message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_arguments() {
        let path = Path::new("/v/a b.py");
        for (options, expected) in [
            ("", vec!["/v/a b.py"]),
            ("-l 79", vec!["/v/a b.py", "-l", "79"]),
            ("check --fix REVISION_SCRIPT_FILENAME", vec!["check", "--fix", "/v/a b.py"]),
            ("'a  b' \"c\\\"d\" e\\ f x=REVISION_SCRIPT_FILENAME", vec!["a  b", "c\"d", "e f", "x=/v/a b.py"]),
        ] {
            assert_eq!(arguments(options, path).unwrap(), expected, "{options}");
        }
        assert!(arguments("'x", path).is_err());
    }

    fn project_with(hooks: &str) -> (tempfile::TempDir, Project) {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("m/versions")).unwrap();
        let ini = format!("[alembic]\nscript_location = m\n[post_write_hooks]\nhooks = up\n{hooks}");
        std::fs::write(root.path().join("alembic.ini"), ini).unwrap();
        let project = Project::find(&crate::discover::ConfigRequest {
            cwd: root.path().to_owned(),
            ..Default::default()
        });
        (root, project.unwrap())
    }

    #[derive(Default)]
    struct Lines(Vec<String>);

    impl Progress for Lines {
        fn start(&mut self, what: &str, _own_lines: bool) {
            self.0.push(what.to_owned());
        }
        fn end(&mut self, worked: bool) {
            self.0.push(if worked { "done" } else { "FAILED" }.to_owned());
        }
        fn warn(&mut self, text: &str) {
            self.0.push(text.to_owned());
        }
    }

    #[test]
    fn programs_run_and_failures_are_told() {
        let (root, project) = project_with("up.type = exec\nup.executable = cp\nup.options = REVISION_SCRIPT_FILENAME %(here)s/copy\n");
        let file = root.path().join("x.py");
        std::fs::write(&file, "x").unwrap();
        let mut lines = Lines::default();
        run_all(&project, &file, &mut lines).unwrap();
        assert!(root.path().join("copy").is_file());
        assert_eq!(lines.0, ["Running post write hook 'up'", "done"]);
        let (_root, project) = project_with("up.type = exec\nup.executable = false\n");
        let mut lines = Lines::default();
        run_all(&project, &file, &mut lines).unwrap();
        assert!(lines.0[1].starts_with("post write hook 'up' ended with"), "{:?}", lines.0);
    }

    #[test]
    fn refusals_in_alembics_words() {
        for (hooks, expected) in [
            ("", "Key 'up.type' (or 'type' in toml) is required for post write hook 'up'"),
            ("up.type = nonesuch\n", "No formatter with name 'nonesuch' registered"),
            ("up.type = exec\n", "Key up.executable is required for post write hook 'up'"),
            (
                "up.type = console_scripts\nup.entrypoint = nonesuch_zz\n",
                "Could not find entrypoint console_scripts.nonesuch_zz",
            ),
            ("up.type = module\nup.module = nonesuch_zz\n", "Could not find module nonesuch_zz"),
        ] {
            let (_root, project) = project_with(hooks);
            let error = run_all(&project, Path::new("x.py"), &mut crate::progress::Silent).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
