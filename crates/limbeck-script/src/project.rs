//! A project: where its scripts are and how new ones are written.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::config::{Config, OptionValue, clean};
use crate::discover::ConfigRequest;
use crate::error::ScriptError;
use limbeck_source::python::repr;

/// How many characters of a message go into a file name unless configured otherwise.
const DEFAULT_SLUG_LENGTH: usize = 40;
/// How new files are named unless configured otherwise.
const DEFAULT_FILE_TEMPLATE: &str = "%(rev)s_%(slug)s";

/// A class of Python warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// `UserWarning`, always shown.
    User,
    /// `DeprecationWarning`, which Python only shows when asked to.
    Deprecation,
}

/// Something the user should hear that does not stop the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The class under which Alembic warns.
    pub kind: NoticeKind,
    /// The text.
    pub message: String,
}

impl Notice {
    pub(crate) fn user(message: String) -> Self {
        Notice {
            kind: NoticeKind::User,
            message,
        }
    }

    fn deprecation(message: &str) -> Self {
        Notice {
            kind: NoticeKind::Deprecation,
            message: message.to_owned(),
        }
    }
}

/// A program that is run on every new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostWriteHook {
    /// Its name.
    pub name: String,
    /// `type`, `options`, `cwd` and what else the type needs.
    pub options: IndexMap<String, String>,
}

/// Everything the configuration says about scripts.
#[derive(Debug, Clone)]
pub struct Project {
    config: Config,
    script_location: PathBuf,
    script_folder: PathBuf,
    configured_locations: bool,
    version_locations: Vec<PathBuf>,
    prepend_sys_path: Vec<PathBuf>,
    file_template: String,
    truncate_slug_length: usize,
    timezone: Option<String>,
    output_encoding: String,
    sourceless: bool,
    recursive: bool,
    hooks: Vec<PostWriteHook>,
    notices: Vec<Notice>,
}

impl Project {
    /// Finds the project that `request` means.
    ///
    /// # Errors
    /// When there is none, or its configuration cannot be used.
    pub fn find(request: &ConfigRequest) -> Result<Project, ScriptError> {
        Project::from_config(Config::find(request)?)
    }

    /// Makes a project from its configuration.
    ///
    /// # Errors
    /// When a key has a value that means nothing, or the script folder is missing.
    pub fn from_config(config: Config) -> Result<Project, ScriptError> {
        let mut notices = Vec::new();
        let script_location = script_location(&config)?;
        let truncate_slug_length = slug_length(&config)?;
        let prepend_sys_path: Vec<PathBuf> = split_paths(&config, &SYS_PATH, &mut notices)?
            .iter()
            .map(|entry| config.resolve(Path::new(entry)))
            .collect();
        let recursive = config.boolean_option("recursive_version_locations")?;
        let script_folder = locate(&config, &script_location, &prepend_sys_path)?;
        let sourceless = config.boolean_option("sourceless")?;
        let locations = split_paths(&config, &VERSION_LOCATIONS, &mut notices)?;
        let configured_locations = !locations.is_empty();
        let version_locations = if configured_locations {
            locations
                .iter()
                .map(|location| locate(&config, location, &prepend_sys_path))
                .collect::<Result<_, _>>()?
        } else {
            vec![script_folder.join("versions")]
        };
        let project = Project {
            file_template: config.text_option("file_template")?.unwrap_or_else(|| DEFAULT_FILE_TEMPLATE.to_owned()),
            timezone: config.text_option("timezone")?.filter(|name| !name.is_empty()),
            output_encoding: config.text_option("output_encoding")?.unwrap_or_else(|| "utf-8".to_owned()),
            hooks: hooks(&config)?,
            script_location: PathBuf::from(script_location),
            script_folder,
            configured_locations,
            version_locations,
            prepend_sys_path,
            truncate_slug_length,
            sourceless,
            recursive,
            notices,
            config,
        };
        if !project.script_folder.exists() {
            return Err(ScriptError::ScriptLocationMissing {
                path: clean(&project.script_location),
            });
        }
        Ok(project)
    }

    /// Whether SQL files may be revisions: not under Alembic's name, which passes them over.
    pub fn reads_sql(&self) -> bool {
        !self.config.as_alembic
    }

    /// Returns the configuration behind the project.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the folder of the configuration file, or the working directory when there is none.
    pub fn root(&self) -> PathBuf {
        let file = self.config.main_file().unwrap_or(Path::new(""));
        let path = clean(&self.config.cwd.join(file));
        match path.parent() {
            Some(folder) if !file.as_os_str().is_empty() => folder.to_owned(),
            _ => self.config.cwd.clone(),
        }
    }

    /// Returns the script folder, absolute.
    pub fn script_folder(&self) -> &Path {
        &self.script_folder
    }

    /// Returns the script folder as it is written in the configuration.
    pub fn script_location(&self) -> &Path {
        &self.script_location
    }

    /// Returns the path of env.py, whether or not it is there.
    pub fn env_py(&self) -> PathBuf {
        self.script_folder.join("env.py")
    }

    /// Returns the folders that hold revisions, absolute, in order.
    pub fn version_locations(&self) -> &[PathBuf] {
        &self.version_locations
    }

    /// Says whether `version_locations` is configured.
    pub fn has_configured_version_locations(&self) -> bool {
        self.configured_locations
    }

    /// Says whether revisions are looked for below the version folders too.
    pub fn recursive(&self) -> bool {
        self.recursive
    }

    /// Says whether compiled scripts without source count as revisions.
    pub fn sourceless(&self) -> bool {
        self.sourceless
    }

    /// Returns what goes to the front of `sys.path`, absolute.
    pub fn prepend_sys_path(&self) -> &[PathBuf] {
        &self.prepend_sys_path
    }

    /// Returns how new files are named.
    pub fn file_template(&self) -> &str {
        &self.file_template
    }

    /// Returns how much of a message goes into a file name.
    pub fn truncate_slug_length(&self) -> usize {
        self.truncate_slug_length
    }

    /// Returns the time zone of creation dates; `None` means local time.
    pub fn timezone(&self) -> Option<&str> {
        self.timezone.as_deref()
    }

    /// Returns the encoding of new files.
    pub fn output_encoding(&self) -> &str {
        &self.output_encoding
    }

    /// Returns the programs to run on new files.
    pub fn hooks(&self) -> &[PostWriteHook] {
        &self.hooks
    }

    /// Returns what reading the configuration would have Alembic warn about.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Says whether the `revision` command runs env.py even without autogenerate.
    ///
    /// # Errors
    /// When the value is neither true nor false.
    pub fn revision_environment(&self) -> Result<bool, ScriptError> {
        match self.config.option("revision_environment")? {
            None => Ok(false),
            Some(OptionValue::Boolean(value)) => Ok(value),
            Some(OptionValue::Integer(value)) => Ok(value != 0),
            Some(OptionValue::Text(text)) => match text.trim().to_lowercase().as_str() {
                "true" | "yes" | "on" | "y" | "t" | "1" => Ok(true),
                "false" | "no" | "off" | "n" | "f" | "0" => Ok(false),
                _ => Err(bad_value(
                    &self.config,
                    "revision_environment",
                    format!("String is not true/false: {}", repr(&text)),
                )),
            },
            Some(_) => Err(self
                .config
                .bad_toml("boolean value expected for TOML parameter 'revision_environment'".to_owned())),
        }
    }
}

fn script_location(config: &Config) -> Result<String, ScriptError> {
    if let Some(text) = config.text_option("script_location")? {
        return Ok(text);
    }
    // Flask-Migrate's ini has no such key: its folder is the script folder.
    if !config.as_alembic
        && config.ini_exists
        && let Some(ini) = &config.ini_path
        && let Some(folder) = config.cwd.join(ini).parent()
        && folder.join("env.py").is_file()
    {
        return Ok(folder.display().to_string());
    }
    let absent = (config.ini_exists && !config.ini.has_section(&config.section)).then(|| {
        let is_project = |name: &&str| config.ini.get(name, "script_location").is_ok_and(|value| value.is_some());
        (config.section.clone(), config.ini.sections().filter(is_project).map(str::to_owned).collect())
    });
    Err(ScriptError::NoScriptLocation {
        config: config.main_file().map(Path::to_owned),
        absent,
    })
}

fn slug_length(config: &Config) -> Result<usize, ScriptError> {
    let length = match config.option("truncate_slug_length")? {
        None => return Ok(DEFAULT_SLUG_LENGTH),
        Some(OptionValue::Integer(number)) => Some(number),
        Some(OptionValue::Text(text)) => text.trim().replace('_', "").parse().ok(),
        Some(_) => None,
    };
    match length.map(usize::try_from) {
        // Zero counts as not given, as in Alembic.
        Some(Ok(0)) => Ok(DEFAULT_SLUG_LENGTH),
        Some(Ok(length)) => Ok(length),
        _ => Err(bad_value(
            config,
            "truncate_slug_length",
            "truncate_slug_length must be a whole number".to_owned(),
        )),
    }
}

fn bad_value(config: &Config, name: &str, message: String) -> ScriptError {
    ScriptError::BadOption {
        path: config.main_file().map(Path::to_owned),
        line: config.ini.line_of(&config.section, name),
        exception: Some("ValueError"),
        message,
    }
}

/// A key that lists paths in one text, and how older files separate them.
struct PathList {
    name: &'static str,
    separators: &'static [&'static str],
    split_on_colon: bool,
    legacy_notice: &'static str,
}

const VERSION_LOCATIONS: PathList = PathList {
    name: "version_locations",
    separators: &["path_separator", "version_path_separator"],
    split_on_colon: false,
    legacy_notice: "No path_separator found in configuration; falling back to legacy splitting on spaces/commas for version_locations.  Consider adding path_separator=os to Alembic config.",
};

const SYS_PATH: PathList = PathList {
    name: "prepend_sys_path",
    separators: &["path_separator"],
    split_on_colon: true,
    legacy_notice: "No path_separator found in configuration; falling back to legacy splitting on spaces, commas, and colons for prepend_sys_path.  Consider adding path_separator=os to Alembic config.",
};

fn split_paths(config: &Config, list: &PathList, notices: &mut Vec<Notice>) -> Result<Vec<String>, ScriptError> {
    let text = config.ini_option(list.name)?.filter(|text| !text.is_empty());
    let Some(text) = text.filter(|_| config.ini_exists || config.own.is_empty()) else {
        return match config.toml_option(list.name)? {
            None => Ok(Vec::new()),
            Some(OptionValue::List(items)) => Ok(items),
            Some(OptionValue::Text(text)) => Ok(vec![text]),
            Some(_) => Err(config.bad_toml(format!("list of texts expected for TOML parameter '{}'", list.name))),
        };
    };
    let Some(separator) = path_separator(config, list.separators, notices)? else {
        notices.push(Notice::deprecation(list.legacy_notice));
        return Ok(legacy_split(&text, list.split_on_colon));
    };
    Ok(text
        .split(separator)
        .filter(|part| !part.is_empty())
        .map(|part| part.trim().to_owned())
        .collect())
}

fn path_separator(config: &Config, names: &[&str], notices: &mut Vec<Notice>) -> Result<Option<char>, ScriptError> {
    for name in names {
        let Some(value) = config.main_option(name)? else {
            continue;
        };
        let separator = match value.as_str() {
            "space" => ' ',
            "newline" => '\n',
            "os" if cfg!(windows) => ';',
            "os" | ":" => ':',
            ";" => ';',
            _ => {
                return Err(bad_value(
                    config,
                    name,
                    format!("'{value}' is not a valid value for {name}; expected 'space', 'newline', 'os', ':', ';'"),
                ));
            }
        };
        if *name == "version_path_separator" {
            notices.push(Notice::deprecation(
                "The version_path_separator configuration parameter is deprecated; please use path_separator",
            ));
        }
        return Ok(Some(separator));
    }
    Ok(None)
}

/// Splits at a comma with following blanks, at blanks, and perhaps at colons, keeping empty parts as Python does.
fn legacy_split(text: &str, colon: bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let cut = c == ',' || c == ' ' || (colon && c == ':');
        if !cut {
            if let Some(last) = parts.last_mut() {
                last.push(c);
            }
            continue;
        }
        if c != ':' {
            while chars.next_if_eq(&' ').is_some() {}
        }
        parts.push(String::new());
    }
    parts
}

/// Makes a location absolute; `package:folder` is looked for where Python would import the package from.
fn locate(config: &Config, location: &str, sys_path: &[PathBuf]) -> Result<PathBuf, ScriptError> {
    if Path::new(location).is_absolute() || !location.contains(':') {
        return Ok(config.resolve(Path::new(location)));
    }
    let mut parts = location.split(':');
    let package = parts.next().unwrap_or_default();
    let relative: PathBuf = package.split('.').collect();
    let inside: PathBuf = parts.collect();
    import_path(config, sys_path)
        .into_iter()
        .map(|folder| folder.join(&relative))
        .find(|folder| folder.is_dir())
        .map(|folder| clean(&folder.join(&inside)))
        .ok_or_else(|| ScriptError::UnknownPackage {
            package: package.to_owned(),
            location: location.to_owned(),
        })
}

/// Returns the folders from which Python would import the project's own packages and what is installed beside it.
fn import_path(config: &Config, sys_path: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders = sys_path.to_vec();
    if let Some(paths) = std::env::var_os("PYTHONPATH") {
        folders.extend(std::env::split_paths(&paths));
    }
    for base in config.bases.iter().chain([&config.cwd]) {
        folders.push(base.clone());
        folders.push(base.join("src"));
    }
    let environments = std::env::var_os("VIRTUAL_ENV")
        .map(PathBuf::from)
        .into_iter()
        .chain(config.bases.iter().map(|base| base.join(".venv")));
    for environment in environments {
        let Ok(entries) = std::fs::read_dir(environment.join("lib")) else {
            continue;
        };
        folders.extend(entries.flatten().map(|entry| entry.path().join("site-packages")));
    }
    folders
}

fn hooks(config: &Config) -> Result<Vec<PostWriteHook>, ScriptError> {
    let Some(section) = config.section("post_write_hooks")? else {
        let Some(OptionValue::Tables(tables)) = config.toml_option("post_write_hooks")? else {
            return Ok(Vec::new());
        };
        return tables
            .into_iter()
            .map(|mut options| {
                let name = options
                    .shift_remove("name")
                    .ok_or_else(|| config.bad_toml("a post write hook needs a `name`".into()))?;
                Ok(PostWriteHook { name, options })
            })
            .collect();
    };
    let names = section.get("hooks").map_or("", String::as_str);
    Ok(legacy_split(names, false)
        .into_iter()
        .filter(|name| !name.is_empty())
        .map(|name| {
            let prefix = format!("{name}.");
            let options = section
                .iter()
                .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?.into(), value.clone())))
                .collect();
            PostWriteHook { name, options }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Makes a project with `ini` (below `[alembic]`), and folders m/versions and pkg/mig/versions.
    fn project(ini: &str) -> (tempfile::TempDir, Result<Project, ScriptError>) {
        let root = tempfile::tempdir().unwrap();
        for folder in ["m/versions", "pkg/mig/versions"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        fs::write(root.path().join("alembic.ini"), format!("[alembic]\n{ini}")).unwrap();
        let project = Project::find(&ConfigRequest {
            cwd: root.path().to_owned(),
            as_alembic: true,
            ..ConfigRequest::default()
        });
        (root, project)
    }

    #[track_caller]
    fn assert_refused(ini: &str, message: &str) {
        assert_eq!(project(ini).1.unwrap_err().to_string(), message);
    }

    #[test]
    fn defaults() {
        let (root, project) = project("script_location = m\n");
        let project = project.unwrap();
        assert_eq!(project.script_folder(), root.path().join("m"));
        assert_eq!(project.version_locations(), [root.path().join("m/versions")]);
        assert_eq!(project.file_template(), "%(rev)s_%(slug)s");
        assert_eq!(project.truncate_slug_length(), 40);
        assert_eq!(project.root(), root.path());
        assert!(project.notices().is_empty());
        assert!(!project.revision_environment().unwrap());
    }

    #[test]
    fn lists_of_paths() {
        let ini = "script_location = %(here)s/m\npath_separator = os\nversion_locations = %(here)s/a: b\nprepend_sys_path = .\n";
        let (root, project_a) = project(ini);
        let project_a = project_a.unwrap();
        let at = |path: &str| root.path().join(path);
        assert_eq!(project_a.version_locations(), [at("a"), at("b")]);
        assert_eq!(project_a.prepend_sys_path(), [at("")]);
        let ini = "script_location = m\nversion_locations = a, b  c\nprepend_sys_path = x:y\n";
        let (root, project_b) = project(ini);
        let project_b = project_b.unwrap();
        let at = |path: &str| root.path().join(path);
        assert_eq!(project_b.version_locations(), [at("a"), at("b"), at("c")]);
        assert_eq!(project_b.prepend_sys_path(), [at("x"), at("y")]);
        assert_eq!(project_b.notices().len(), 2);
    }

    #[test]
    fn package_locations() {
        let (root, found) = project("script_location = pkg:mig\nprepend_sys_path = .\n");
        assert_eq!(found.unwrap().script_folder(), root.path().join("pkg/mig"));
        let (_root, missing) = project("script_location = nopkg:mig\n");
        assert_eq!(missing.unwrap_err().code(), "E0109");
    }

    #[test]
    fn refusals_in_alembics_words() {
        assert_refused("", "No 'script_location' key found in configuration.");
        assert_refused(
            "script_location = nowhere\n",
            "Path doesn't exist: nowhere.  Please use the 'init' command to create a new scripts folder.",
        );
        assert_refused(
            "script_location = m\npath_separator = pipe\nprepend_sys_path = .\n",
            "'pipe' is not a valid value for path_separator; expected 'space', 'newline', 'os', ':', ';'",
        );
    }

    #[test]
    fn hooks_from_the_ini() {
        let ini = "script_location = m\n[post_write_hooks]\nhooks = a, b\na.type = exec\na.executable = ruff\nb.type = module\n";
        let project = project(ini).1.unwrap();
        let names: Vec<_> = project.hooks().iter().map(|hook| hook.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(project.hooks()[0].options["executable"], "ruff");
        assert_eq!(project.hooks()[1].options.len(), 1);
    }
}
