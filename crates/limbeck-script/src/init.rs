//! Makes new projects: the folder, its files, and the configuration beside it.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::config::{Config, clean};
use crate::error::ScriptError;
use crate::progress::{Progress, during};
use crate::write::{create_folder, ensure_folder, replace, write_new};

macro_rules! text {
    ($path:literal) => {
        include_str!(concat!("../templates/", $path))
    };
}

/// The template of revision files that projects without their own get.
pub(crate) const STOCK_SCRIPT: &str = text!("common/script.py.mako");

/// A kind of project that [`create`] can make.
#[derive(Debug, Clone, Copy)]
pub struct ProjectTemplate {
    /// Its name, for `init --template NAME`.
    pub name: &'static str,
    /// What it is, on one line.
    pub synopsis: &'static str,
    /// Whether only Limbeck knows it.
    pub own: bool,
    env: Option<&'static str>,
    script: &'static str,
    ini: &'static [&'static str],
    pyproject: bool,
}

const FULL_INI: &[&str] = &[
    text!("common/paths.ini"),
    text!("common/url.ini"),
    text!("common/hooks.ini"),
    text!("common/logging.ini"),
];
const SHORT_INI: &[&str] = &[text!("common/short.ini"), text!("common/url.ini"), text!("common/logging.ini")];
const MULTI_INI: &[&str] = &[
    text!("common/paths.ini"),
    text!("multidb/url.ini"),
    text!("common/hooks.ini"),
    text!("common/logging.ini"),
];

/// All templates.
pub const TEMPLATES: &[ProjectTemplate] = &[
    ProjectTemplate {
        name: "generic",
        synopsis: "Generic single-database configuration.",
        own: false,
        env: Some(text!("common/env.py")),
        script: STOCK_SCRIPT,
        ini: FULL_INI,
        pyproject: false,
    },
    ProjectTemplate {
        name: "async",
        synopsis: "Generic single-database configuration with an async dbapi.",
        own: false,
        env: Some(text!("async/env.py")),
        script: STOCK_SCRIPT,
        ini: FULL_INI,
        pyproject: false,
    },
    ProjectTemplate {
        name: "multidb",
        synopsis: "Rudimentary multi-database configuration.",
        own: false,
        env: Some(text!("multidb/env.py")),
        script: text!("multidb/script.py.mako"),
        ini: MULTI_INI,
        pyproject: false,
    },
    ProjectTemplate {
        name: "pyproject",
        synopsis: "pyproject configuration, based on the generic configuration.",
        own: false,
        env: Some(text!("common/env.py")),
        script: STOCK_SCRIPT,
        ini: SHORT_INI,
        pyproject: true,
    },
    ProjectTemplate {
        name: "pyproject_async",
        synopsis: "pyproject configuration, with an async dbapi.",
        own: false,
        env: Some(text!("async/env.py")),
        script: STOCK_SCRIPT,
        ini: SHORT_INI,
        pyproject: true,
    },
    ProjectTemplate {
        name: "limbeck",
        synopsis: "limbeck.toml and no env.py; real Alembic cannot run it.",
        own: true,
        env: None,
        script: STOCK_SCRIPT,
        ini: &[],
        pyproject: false,
    },
];

/// What [`create`] has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The configuration file to edit next, absolute.
    pub config: PathBuf,
    /// `pyproject.toml`, if it is part of the template.
    pub pyproject: Option<PathBuf>,
}

impl Created {
    /// Returns what Alembic says at the end.
    pub fn advice(&self) -> String {
        let config = self.config.display();
        match &self.pyproject {
            Some(toml) => format!(
                "Please edit configuration settings in {} and configuration/connection/logging settings in {config} before proceeding.",
                toml.display()
            ),
            None => format!("Please edit configuration/connection/logging settings in {config} before proceeding."),
        }
    }
}

/// Makes a project in `directory` after the template of that name; `config` says where its configuration goes.
///
/// # Errors
/// When the directory holds something, there is no such template, or a file cannot be written.
pub fn create(config: &Config, directory: &Path, template: &str, package: bool, progress: &mut dyn Progress) -> Result<Created, ScriptError> {
    let folder = clean(&config.cwd.join(directory));
    if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(ScriptError::DirectoryNotEmpty { path: clean(directory) });
    }
    let template = TEMPLATES
        .iter()
        .find(|known| known.name == template)
        .ok_or_else(|| ScriptError::NoSuchTemplate { name: template.to_owned() })?;
    ensure_folder(&folder, progress)?;
    let versions = folder.join("versions");
    create_folder(&versions, progress)?;

    generate(&folder.join("script.py.mako"), template.script, progress)?;
    generate(&folder.join("README"), &format!("{}\n", template.synopsis), progress)?;
    if let Some(env) = template.env {
        generate(&folder.join("env.py"), env, progress)?;
    }
    let created = if template.own {
        write_own(config, directory, &folder, progress)?
    } else {
        write_alembic(config, directory, &folder, template, progress)?
    };
    if package {
        for folder in [&folder, &versions] {
            let path = folder.join("__init__.py");
            let what = format!("Adding {}", path.display());
            during(progress, &what, false, |_| write_new(&path, b""))?;
        }
    }
    Ok(created)
}

fn write_own(config: &Config, directory: &Path, folder: &Path, progress: &mut dyn Progress) -> Result<Created, ScriptError> {
    let path = config.cwd.join("limbeck.toml");
    let location = if directory.is_absolute() {
        folder.display().to_string()
    } else {
        relative(folder, &config.cwd)
    };
    write_config(&path, &fill(text!("limbeck/limbeck.toml"), &location), progress)?;
    Ok(Created { config: path, pyproject: None })
}

fn write_alembic(config: &Config, directory: &Path, folder: &Path, template: &ProjectTemplate, progress: &mut dyn Progress) -> Result<Created, ScriptError> {
    let location = |file: &Path| {
        if directory.is_absolute() {
            return folder.display().to_string().replace('%', "%%");
        }
        let from = file.parent().unwrap_or(&config.cwd);
        format!("%(here)s/{}", relative(folder, from).replace('%', "%%"))
    };
    let mut pyproject = None;
    if template.pyproject {
        let file = config.toml_path.clone().unwrap_or_else(|| "pyproject.toml".into());
        let path = clean(&config.cwd.join(file));
        let text = fill(text!("common/pyproject.toml"), &location(&path));
        write_pyproject(config, &path, &text, progress)?;
        pyproject = Some(path);
    }
    let file = config.ini_path.clone().unwrap_or_else(|| "alembic.ini".into());
    let path = clean(&config.cwd.join(file));
    write_config(&path, &fill(&template.ini.concat(), &location(&path)), progress)?;
    Ok(Created { config: path, pyproject })
}

fn write_config(path: &Path, text: &str, progress: &mut dyn Progress) -> Result<(), ScriptError> {
    if path.exists() {
        progress.remark(&format!("File {} already exists, skipping", path.display()));
        return Ok(());
    }
    generate(path, text, progress)
}

fn write_pyproject(config: &Config, path: &Path, text: &str, progress: &mut dyn Progress) -> Result<(), ScriptError> {
    if !path.exists() {
        return generate(path, text, progress);
    }
    if !config.toml.is_empty() {
        progress.remark(&format!(
            "File {} already exists and already has a [tool.alembic] section, skipping",
            path.display()
        ));
        return Ok(());
    }
    let what = format!("Appending to existing {}", path.display());
    during(progress, &what, false, |_| {
        let before = crate::directory::read_source(path)?;
        replace(path, format!("{before}\n\n{text}").as_bytes())
    })
}

fn generate(path: &Path, text: &str, progress: &mut dyn Progress) -> Result<(), ScriptError> {
    let what = format!("Generating {}", path.display());
    during(progress, &what, false, |_| write_new(path, text.as_bytes()))
}

fn fill(template: &str, location: &str) -> String {
    template.replace("${script_location}", location)
}

/// Returns the way from `from` to `to`, both absolute, with `..` where needed.
fn relative(to: &Path, from: &Path) -> String {
    let mut to = to.components().peekable();
    let mut from = from.components().peekable();
    while let (Some(a), Some(b)) = (to.peek(), from.peek()) {
        if a != b {
            break;
        }
        to.next();
        from.next();
    }
    let up = from.map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to).collect();
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::ScriptDirectory;
    use crate::discover::ConfigRequest;
    use crate::progress::Silent;
    use crate::project::Project;

    fn request(root: &Path) -> ConfigRequest {
        ConfigRequest {
            cwd: root.to_owned(),
            ..ConfigRequest::default()
        }
    }

    fn make(root: &Path, directory: &str, template: &str) -> Result<Created, ScriptError> {
        let config = Config::find_for_init(&request(root)).unwrap();
        create(&config, Path::new(directory), template, true, &mut Silent)
    }

    #[test]
    fn every_template_makes_a_project() {
        for template in TEMPLATES {
            let root = tempfile::tempdir().unwrap();
            make(root.path(), "db/mig", template.name).unwrap();
            let project = Project::find(&request(root.path())).unwrap();
            assert_eq!(project.script_folder(), root.path().join("db/mig"), "{}", template.name);
            assert_eq!(project.env_py().exists(), template.env.is_some());
            assert!(ScriptDirectory::load(&project).unwrap().scripts.is_empty());
            let url = match template.name {
                "multidb" => project.config().ini().get("engine2", "sqlalchemy.url").unwrap(),
                _ => project.config().main_option("sqlalchemy.url").unwrap(),
            };
            assert!(url.unwrap().starts_with("driver://"));
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let root = tempfile::tempdir().unwrap();
        make(root.path(), "m", "generic").unwrap();
        assert_eq!(
            make(root.path(), "m", "generic").unwrap_err().to_string(),
            "Directory m already exists and is not empty"
        );
        fs::write(root.path().join("alembic.ini"), "[alembic]\n# mine\n").unwrap();
        make(root.path(), "other", "generic").unwrap();
        let kept = fs::read_to_string(root.path().join("alembic.ini")).unwrap();
        assert_eq!(kept, "[alembic]\n# mine\n");
        assert_eq!(make(root.path(), "x", "nope").unwrap_err().to_string(), "No such template nope");
    }

    #[test]
    fn an_existing_pyproject_is_added_to() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("pyproject.toml");
        fs::write(&path, "[project]\nname = 'x'\n").unwrap();
        let created = make(root.path(), "m", "pyproject").unwrap();
        assert_eq!(created.pyproject.as_deref(), Some(path.as_path()));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("[project]") && text.contains("[tool.alembic]"), "{text}");
    }

    #[test]
    fn ways_between_folders() {
        for (to, from, expected) in [("/a/b/c", "/a/b", "c"), ("/a/b/c", "/a/x/y", "../../b/c"), ("/a", "/a/b", "..")] {
            assert_eq!(relative(Path::new(to), Path::new(from)), expected);
        }
    }
}
