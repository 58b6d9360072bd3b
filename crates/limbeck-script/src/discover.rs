//! Finds and reads the configuration files of a project.
//!
//! Under the name `alembic` only the working directory, `-c` and `ALEMBIC_CONFIG` count, and a missing file is an empty
//! one. As `limbeck`, the nearest directory upwards that holds a project is taken, so that it does not matter from
//! which sub-directory a command is started.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::config::{Config, clean, here};
use crate::error::ScriptError;
use crate::ini::Ini;

const INI: &str = "alembic.ini";
const PYPROJECT: &str = "pyproject.toml";
const OWN: &str = "limbeck.toml";
/// Where Flask-Migrate keeps its ini.
const FLASK_FOLDER: &str = "migrations";

/// What the command line and the environment say about the configuration.
#[derive(Debug, Clone, Default)]
pub struct ConfigRequest {
    /// The working directory, absolute.
    pub cwd: PathBuf,
    /// The files given with `-c`.
    pub files: Vec<PathBuf>,
    /// The value of `ALEMBIC_CONFIG`.
    pub environment: Option<PathBuf>,
    /// The section given with `-n`; `alembic` if none.
    pub section: Option<String>,
    /// Whether the program was started under the name `alembic`.
    pub as_alembic: bool,
}

/// The files that make up a configuration, as named to the user.
#[derive(Debug, Default)]
struct Files {
    ini: Option<PathBuf>,
    pyproject: Option<PathBuf>,
    own: Option<PathBuf>,
    bases: Vec<PathBuf>,
}

impl Config {
    /// Finds and reads the configuration.
    ///
    /// # Errors
    /// When files contradict each other, cannot be read or parsed, or (as `limbeck`) there is no project.
    pub fn find(request: &ConfigRequest) -> Result<Config, ScriptError> {
        Self::find_or(request, Err)
    }

    /// Finds and reads the configuration for a command that makes a project: none is fine.
    ///
    /// # Errors
    /// When files contradict each other, or cannot be read or parsed.
    pub fn find_for_init(request: &ConfigRequest) -> Result<Config, ScriptError> {
        let mut request = request.clone();
        // `init` writes into the working directory and must not be drawn to a project above it.
        let as_alembic = std::mem::replace(&mut request.as_alembic, true);
        let mut config = Self::find_or(&request, |_| Ok(Files::default()))?;
        config.as_alembic = as_alembic;
        Ok(config)
    }

    fn find_or(request: &ConfigRequest, none: impl FnOnce(ScriptError) -> Result<Files, ScriptError>) -> Result<Config, ScriptError> {
        let files = if request.as_alembic {
            alembic_files(request)?
        } else if request.files.is_empty() && request.environment.is_none() {
            match search(&request.cwd)? {
                Some(files) => files,
                None => none(ScriptError::NoProject { from: request.cwd.clone() })?,
            }
        } else {
            named_files(request)?
        };
        read(request, files)
    }
}

/// Alembic's rules: two default names, each replaced by what `-c` or the environment names.
fn alembic_files(request: &ConfigRequest) -> Result<Files, ScriptError> {
    let mut ini = PathBuf::from(INI);
    let mut pyproject = PathBuf::from(PYPROJECT);
    if let Some(named) = request.environment.as_ref().filter(|p| !p.as_os_str().is_empty()) {
        if is_named(named, PYPROJECT) {
            pyproject.clone_from(named);
        } else {
            ini.clone_from(named);
        }
    }
    let (mut inis, mut tomls) = (0, 0);
    for file in &request.files {
        if is_named(file, PYPROJECT) {
            tomls += 1;
            pyproject.clone_from(file);
        } else {
            inis += 1;
            ini.clone_from(file);
        }
    }
    refuse_doubles(inis, tomls)?;
    Ok(Files {
        ini: Some(ini),
        pyproject: Some(pyproject),
        own: None,
        bases: vec![request.cwd.clone()],
    })
}

/// Limbeck's rules for named files: they must be there, and paths in them may also start at their own folder.
fn named_files(request: &ConfigRequest) -> Result<Files, ScriptError> {
    let mut files = Files {
        bases: vec![request.cwd.clone()],
        ..Files::default()
    };
    let named = if request.files.is_empty() {
        request.environment.as_slice()
    } else {
        &request.files
    };
    let (mut inis, mut tomls) = (0, 0);
    for file in named {
        let path = clean(&request.cwd.join(file));
        if let Err(source) = fs::metadata(&path) {
            return Err(ScriptError::Read { path: file.clone(), source });
        }
        if let Some(folder) = path.parent() {
            files.bases.push(folder.to_owned());
        }
        if is_named(file, PYPROJECT) {
            tomls += 1;
            files.pyproject = Some(file.clone());
        } else if file.extension().is_some_and(|ext| ext == "toml") {
            tomls += 1;
            files.own = Some(file.clone());
        } else {
            inis += 1;
            files.ini = Some(file.clone());
        }
    }
    refuse_doubles(inis, tomls)?;
    Ok(files)
}

fn refuse_doubles(inis: usize, tomls: usize) -> Result<(), ScriptError> {
    if tomls > 1 {
        return Err(ScriptError::ConfigGivenTwice("pyproject.toml indicated more than once"));
    }
    if inis > 1 {
        return Err(ScriptError::ConfigGivenTwice("only one ini file may be indicated"));
    }
    Ok(())
}

/// Looks for a project in `cwd` and upwards.
fn search(cwd: &Path) -> Result<Option<Files>, ScriptError> {
    for folder in cwd.ancestors() {
        let own = Some(folder.join(OWN)).filter(|path| path.is_file());
        let mut ini = Some(folder.join(INI)).filter(|path| path.is_file());
        let mut pyproject = None;
        let candidate = folder.join(PYPROJECT);
        if candidate.is_file() {
            let whole = read_toml(&candidate, &candidate)?;
            if tool(&whole, "alembic").is_some() || tool(&whole, "limbeck").is_some() {
                pyproject = Some(candidate);
            }
        }
        if own.is_none() && ini.is_none() && pyproject.is_none() {
            let flask = folder.join(FLASK_FOLDER);
            ini = Some(flask.join(INI)).filter(|path| path.is_file() && flask.join("env.py").is_file());
        }
        if own.is_some() || ini.is_some() || pyproject.is_some() {
            return Ok(Some(Files {
                ini,
                pyproject,
                own,
                bases: vec![folder.to_owned()],
            }));
        }
    }
    Ok(None)
}

fn read(request: &ConfigRequest, files: Files) -> Result<Config, ScriptError> {
    let mut ini = Ini::default();
    let mut ini_exists = false;
    let section = request.section.clone().unwrap_or_else(|| "alembic".to_owned());
    if let Some(path) = &files.ini {
        let here = here(&request.cwd, path);
        ini = Ini::with_defaults([("here", here.as_str())]);
        if let Some(text) = read_text(&request.cwd.join(path), path)? {
            ini.read(&text).map_err(|source| ScriptError::Ini { path: path.clone(), source })?;
            ini_exists = true;
        }
    }
    let mut toml = toml::Table::new();
    let mut own = toml::Table::new();
    if let Some(path) = &files.pyproject {
        let whole = read_toml(&request.cwd.join(path), path)?;
        toml = tool(&whole, "alembic").cloned().unwrap_or_default();
        own = tool(&whole, "limbeck").cloned().unwrap_or_default();
    }
    if let Some(path) = &files.own {
        own.extend(read_toml(&request.cwd.join(path), path)?);
    }
    if !ini_exists && files.own.is_some() {
        mirror(&own, &section, &mut ini);
    }
    Ok(Config {
        ini_path: files.ini,
        ini_exists,
        ini,
        toml_path: files.pyproject,
        toml,
        own_path: files.own,
        own,
        section,
        cwd: request.cwd.clone(),
        bases: files.bases,
        as_alembic: request.as_alembic,
    })
}

/// Lets an env.py that asks for main options find what `limbeck.toml` says.
fn mirror(own: &toml::Table, section: &str, ini: &mut Ini) {
    for (key, value) in own {
        let name = if key == "url" { "sqlalchemy.url" } else { key };
        let text = match value {
            toml::Value::String(text) => text.replace('%', "%%"),
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(value) => value.to_string(),
            _ => continue,
        };
        ini.set(section, name, text);
    }
}

fn tool<'a>(whole: &'a toml::Table, name: &str) -> Option<&'a toml::Table> {
    whole.get("tool")?.get(name)?.as_table()
}

/// Reads a TOML file; a missing one is empty.
fn read_toml(path: &Path, shown: &Path) -> Result<toml::Table, ScriptError> {
    let Some(text) = read_text(path, shown)? else {
        return Ok(toml::Table::new());
    };
    text.parse::<toml::Table>().map_err(|error| ScriptError::Toml {
        path: shown.to_owned(),
        message: error.message().to_owned(),
        line: error
            .span()
            .and_then(|span| text.get(..span.start))
            .map(|before| before.matches('\n').count() as u32 + 1),
    })
}

/// Reads a text file; `None` when there is none.
fn read_text(path: &Path, shown: &Path) -> Result<Option<String>, ScriptError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(match String::from_utf8(bytes) {
            Ok(text) => text,
            // Python would use the locale's encoding; Latin-1 never fails and keeps all ASCII keys.
            Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
        })),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ScriptError::Read {
            path: shown.to_owned(),
            source,
        }),
    }
}

fn is_named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|file| file == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::OptionValue;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn request(root: &Path, cwd: &str, as_alembic: bool) -> ConfigRequest {
        ConfigRequest {
            cwd: clean(&root.join(cwd)),
            as_alembic,
            ..ConfigRequest::default()
        }
    }

    #[test]
    fn limbeck_searches_upwards_and_alembic_does_not() {
        let root = tree(&[("alembic.ini", "[alembic]\nx = %(here)s\n"), ("a/b/c.txt", "")]);
        let here = root.path().display().to_string();
        let config = Config::find(&request(root.path(), "a/b", false)).unwrap();
        assert_eq!(config.main_option("x").unwrap(), Some(here));
        let config = Config::find(&request(root.path(), "a/b", true)).unwrap();
        assert!(!config.ini_exists());
        assert_eq!(config.option("x").unwrap(), None);
        assert_eq!(
            config.main_option("x").unwrap_err().to_string(),
            "No config file 'alembic.ini' found, or file has no '[alembic]' section"
        );
    }

    #[test]
    fn a_foreign_pyproject_is_not_a_project() {
        let root = tree(&[
            ("pyproject.toml", "[tool.alembic]\nscript_location = '%(here)s/m'\n"),
            ("sub/pyproject.toml", "[project]\nname = 'x'\n"),
        ]);
        let config = Config::find(&request(root.path(), "sub", false)).unwrap();
        let expected = format!("{}/m", root.path().display());
        assert_eq!(config.text_option("script_location").unwrap(), Some(expected));
        let lone = tree(&[("pyproject.toml", "[project]\nname = 'x'\n")]);
        let error = Config::find(&request(lone.path(), ".", false)).unwrap_err();
        assert_eq!(error.code(), "E0101");
    }

    #[test]
    fn ini_wins_over_toml_key_by_key() {
        let root = tree(&[
            ("alembic.ini", "[alembic]\na = ini\n[limbeck]\npython = off\nnaming_convention.ix = ix_%%(x)s\n"),
            (
                "pyproject.toml",
                "[tool.alembic]\na = 'toml'\nb = 'toml 100%%'\nlist = ['%(here)s', 'x']\nflag = true\n",
            ),
        ]);
        let config = Config::find(&request(root.path(), ".", true)).unwrap();
        assert_eq!(config.text_option("a").unwrap().as_deref(), Some("ini"));
        assert_eq!(config.text_option("b").unwrap().as_deref(), Some("toml 100%"));
        let here = root.path().display().to_string();
        assert_eq!(config.option("list").unwrap(), Some(OptionValue::List(vec![here, "x".into()])));
        assert!(config.boolean_option("flag").unwrap());
        assert_eq!(config.own_option("python").unwrap().as_deref(), Some("off"));
        assert_eq!(config.own_table("naming_convention").unwrap()["ix"], "ix_%(x)s");
    }

    #[test]
    fn limbeck_toml_answers_main_options() {
        let root = tree(&[(
            "limbeck.toml",
            "script_location = 'm'\nurl = 'sqlite:///100%.db'\n[naming_convention]\nix = 'ix_%(x)s'\n",
        )]);
        let config = Config::find(&request(root.path(), ".", false)).unwrap();
        let url = config.main_option("sqlalchemy.url").unwrap();
        assert_eq!(url.as_deref(), Some("sqlite:///100%.db"));
        assert_eq!(config.text_option("script_location").unwrap().as_deref(), Some("m"));
        assert_eq!(config.own_table("naming_convention").unwrap()["ix"], "ix_%(x)s");
    }

    #[test]
    fn named_files() {
        let root = tree(&[("x.ini", "[other]\nk = 1\n"), ("c/pyproject.toml", "")]);
        let mut ask = request(root.path(), ".", true);
        ask.files = vec!["x.ini".into(), "c/pyproject.toml".into()];
        ask.section = Some("other".into());
        let config = Config::find(&ask).unwrap();
        assert_eq!(config.main_option("K").unwrap().as_deref(), Some("1"));
        ask.files.push("y.ini".into());
        assert_eq!(Config::find(&ask).unwrap_err().to_string(), "only one ini file may be indicated");
        ask.files = vec!["nowhere.ini".into()];
        assert!(Config::find(&ask).is_ok(), "Alembic takes a missing file as empty");
        ask.as_alembic = false;
        assert_eq!(Config::find(&ask).unwrap_err().code(), "E0108");
    }

    #[test]
    fn broken_files_say_their_line() {
        let root = tree(&[("alembic.ini", "[alembic]\nnonsense\n")]);
        let error = Config::find(&request(root.path(), ".", true)).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
        let root = tree(&[("limbeck.toml", "a = 1\nb = \n")]);
        let error = Config::find(&request(root.path(), ".", false)).unwrap_err();
        assert!(matches!(error, ScriptError::Toml { line: Some(2), .. }), "{error:?}");
    }
}
