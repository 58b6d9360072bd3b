//! Keeps what env.py decided, outside the repository, for as long as everything it read is unchanged.
//!
//! A lookup reads files and compares hashes; it starts no interpreter. Values of environment variables are kept as hashes. The outcome itself holds the
//! URL, so that the file can be read by its owner only. Anything odd about a cache file means that there is none.

use crate::env::{EnvOutcome, EnvRequest};
use crate::hash;
use crate::metadata::WantedMetadata;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What an outcome depends on besides the files and variables that env.py reads.
#[derive(Debug, Clone)]
pub struct EnvCacheKey<'a> {
    /// What was asked.
    pub request: &'a EnvRequest,
    /// alembic.ini, pyproject.toml: whatever the configuration came from.
    pub config_files: Vec<PathBuf>,
    /// The section of the configuration in use.
    pub section: &'a str,
    /// The environment.
    pub environment: &'a BTreeMap<String, String>,
    /// `-x` arguments.
    pub x_args: &'a [String],
    /// `--tag`.
    pub tag: Option<&'a str>,
}

/// A directory of cached outcomes.
#[derive(Debug, Clone)]
pub struct EnvCache {
    directory: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    build: String,
    identity: String,
    config_files: Vec<(PathBuf, String)>,
    environment: BTreeMap<String, Option<String>>,
    arguments: String,
    outcome: EnvOutcome,
    /// The models; their `env` is `outcome`.
    #[serde(default)]
    wanted: Option<WantedMetadata>,
}

/// An [`Entry`] as it is written, without copies of what may be large.
#[derive(Serialize)]
struct WrittenEntry<'a> {
    build: &'a str,
    identity: &'a str,
    config_files: Vec<(PathBuf, String)>,
    environment: BTreeMap<String, Option<String>>,
    arguments: String,
    outcome: EnvOutcome,
    wanted: Option<WrittenModels<'a>>,
}

#[derive(Serialize)]
struct WrittenModels<'a> {
    targets: &'a [crate::TargetMetadata],
    passed: &'a [crate::PassedOver],
    reader: &'a Option<String>,
}

impl EnvCache {
    /// The user's cache directory: `$XDG_CACHE_HOME/limbeck`, else `~/.cache/limbeck`; none without a home.
    pub fn open(environment: &BTreeMap<String, String>) -> Option<EnvCache> {
        let set = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let base = set("XDG_CACHE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| Some(set("HOME")?.join(".cache")))?;
        Some(EnvCache::in_directory(base.join("limbeck")))
    }

    /// A cache in this directory, which need not exist yet.
    pub fn in_directory(directory: impl Into<PathBuf>) -> EnvCache {
        EnvCache { directory: directory.into() }
    }

    /// Returns the kept outcome, if all it depended on is as it was.
    pub fn load(&self, key: &EnvCacheKey<'_>) -> Option<EnvOutcome> {
        self.load_entry("env", key).map(|entry| entry.outcome)
    }

    /// Returns the kept models, if all they depended on is as it was.
    pub fn load_models(&self, key: &EnvCacheKey<'_>) -> Option<WantedMetadata> {
        let entry = self.load_entry("models", key)?;
        Some(WantedMetadata {
            env: entry.outcome,
            ..entry.wanted?
        })
    }

    fn load_entry(&self, kind: &str, key: &EnvCacheKey<'_>) -> Option<Entry> {
        let identity = key.identity();
        let text = fs::read_to_string(self.path(kind, &identity)).ok()?;
        let entry: Entry = serde_json::from_str(&text).ok()?;
        let fresh = entry.build == BUILD
            && entry.identity == identity
            && entry.config_files == key.config_hashes()
            && entry.arguments == key.arguments(&entry.outcome)
            && entry.environment.iter().all(|(name, value)| hash_of_variable(key.environment, name) == *value)
            && entry.outcome.files.iter().all(|(path, known)| hash_of_path(path).as_ref() == Some(known));
        if !fresh {
            return None;
        }
        let mut entry = entry;
        entry.outcome.environment = std::mem::take(&mut entry.environment)
            .into_keys()
            .map(|name| {
                let value = key.environment.get(&name).cloned();
                (name, value)
            })
            .collect();
        Some(entry)
    }

    /// Keeps an outcome, if the directory can be written to; else nothing is lost but time. One that was stopped is not kept: the reason may lie outside
    /// what is compared.
    pub fn store(&self, key: &EnvCacheKey<'_>, outcome: &EnvOutcome) {
        if outcome.stopped.is_none() {
            let _ = self.write("env", key, outcome, None);
        }
    }

    /// Keeps models that can be compared without asking a function of env.py.
    pub fn store_models(&self, key: &EnvCacheKey<'_>, wanted: &WantedMetadata) {
        if wanted.targets.iter().all(|target| !target.options.has_hooks()) {
            let _ = self.write("models", key, &wanted.env, Some(wanted));
        }
    }

    fn write(&self, kind: &str, key: &EnvCacheKey<'_>, outcome: &EnvOutcome, wanted: Option<&WantedMetadata>) -> std::io::Result<()> {
        let identity = key.identity();
        let mut kept = outcome.clone();
        let environment = std::mem::take(&mut kept.environment)
            .into_keys()
            .map(|name| {
                let value = hash_of_variable(key.environment, &name);
                (name, value)
            })
            .collect();
        let entry = WrittenEntry {
            build: BUILD,
            config_files: key.config_hashes(),
            environment,
            arguments: key.arguments(outcome),
            outcome: kept,
            wanted: wanted.map(|wanted| WrittenModels {
                targets: &wanted.targets,
                passed: &wanted.passed,
                reader: &wanted.reader,
            }),
            identity: &identity,
        };
        let path = self.path(kind, &identity);
        fs::create_dir_all(&self.directory)?;
        if !path.exists() {
            self.prune(SystemTime::now());
        }
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let written = write_private(&temporary, |file| serde_json::to_writer(file, &entry).map_err(std::io::Error::from));
        written.and_then(|()| fs::rename(&temporary, &path)).inspect_err(|_| {
            let _ = fs::remove_file(&temporary);
        })
    }

    /// Removes what nobody has written for a month: each project and URL has a file of its own, and test suites have a new URL every time.
    fn prune(&self, now: SystemTime) {
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let ours = name.to_str().is_some_and(|name| KINDS.iter().any(|kind| name.starts_with(kind)));
            let written = entry.metadata().and_then(|about| about.modified());
            let is_old = written.is_ok_and(|written| now.duration_since(written).is_ok_and(|age| age > KEPT));
            if ours && is_old {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn path(&self, kind: &str, identity: &str) -> PathBuf {
        self.directory.join(format!("{kind}-{}.json", &hash::of_bytes(identity.as_bytes())[..32]))
    }
}

/// Changes when the vocabulary, the stand-ins or the engine change.
const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), "-", env!("LIMBECK_PYTHON_BUILD"));

/// How the names of entries begin.
const KINDS: [&str; 2] = ["env-", "models-"];

/// How long an entry is kept after it was written.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl EnvCacheKey<'_> {
    fn identity(&self) -> String {
        let env_py = std::path::absolute(&self.request.env_py).unwrap_or_else(|_| self.request.env_py.clone());
        let files: Vec<String> = self.config_files.iter().map(|path| path.display().to_string()).collect();
        format!(
            "{}\n{}\n{}\n{}\n{}",
            env_py.display(),
            files.join("\n"),
            self.section,
            self.request.offline,
            self.request.url.as_deref().unwrap_or_default()
        )
    }

    fn config_hashes(&self) -> Vec<(PathBuf, String)> {
        let mut hashes: Vec<(PathBuf, String)> = self
            .config_files
            .iter()
            .map(|path| (path.clone(), hash_of_path(path).unwrap_or_default()))
            .collect();
        let env_py = &self.request.env_py;
        hashes.push((env_py.clone(), hash_of_path(env_py).unwrap_or_default()));
        hashes
    }

    /// The arguments of this run that the outcome depends on.
    fn arguments(&self, outcome: &EnvOutcome) -> String {
        let mut parts = Vec::new();
        if outcome.used_x_args {
            parts.push(format!("{:?}", self.x_args));
        }
        if outcome.used_tag {
            parts.push(format!("{:?}", self.tag));
        }
        if outcome.used_revision_arguments {
            parts.push(format!(
                "{:?} {:?} {:?}",
                self.request.revision_argument, self.request.starting_revision, self.request.head_revisions
            ));
        }
        hash::of_bytes(parts.join("\n").as_bytes())
    }
}

/// Stands among variables for the names of all there are: something looked through them.
pub const EVERY_VARIABLE: &str = "*";

/// Other in every shell, and nothing that a project goes by.
const OF_THE_SHELL: [&str; 15] = [
    "_",
    "SHLVL",
    "PWD",
    "OLDPWD",
    "TERM",
    "COLUMNS",
    "LINES",
    "WINDOWID",
    "TERM_SESSION_ID",
    "SSH_CLIENT",
    "SSH_CONNECTION",
    "SSH_TTY",
    "LS_COLORS",
    "SSH_AUTH_SOCK",
    "PS1",
];

fn hash_of_variable(environment: &BTreeMap<String, String>, name: &str) -> Option<String> {
    if name == EVERY_VARIABLE {
        let names: Vec<&str> = environment.keys().map(String::as_str).filter(|name| !OF_THE_SHELL.contains(name)).collect();
        return Some(hash::of_bytes(names.join("\n").as_bytes()));
    }
    environment.get(name).map(|value| hash::of_bytes(value.as_bytes()))
}

/// The hash of a file's content, or of a directory's names; nothing where it cannot be read.
pub fn hash_of_path(path: &Path) -> Option<String> {
    if path.is_dir() {
        return hash::of_directory(path);
    }
    fs::read(path).ok().map(|bytes| hash::of_bytes(&bytes))
}

fn write_private(path: &Path, write: impl FnOnce(&mut std::io::BufWriter<fs::File>) -> std::io::Result<()>) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = std::io::BufWriter::new(options.open(path)?);
    write(&mut file)?;
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Setup {
        folder: tempfile::TempDir,
        request: EnvRequest,
        environment: BTreeMap<String, String>,
    }

    impl Setup {
        fn new() -> Setup {
            let folder = tempfile::tempdir().expect("a directory");
            let env_py = folder.path().join("env.py");
            fs::write(&env_py, "x = 1").expect("a file");
            fs::write(folder.path().join("alembic.ini"), "[alembic]").expect("a file");
            fs::write(folder.path().join("models.py"), "m = 1").expect("a file");
            Setup {
                request: EnvRequest {
                    env_py,
                    ..EnvRequest::default()
                },
                environment: BTreeMap::from([("URL".to_owned(), "secret-value".to_owned())]),
                folder,
            }
        }

        fn key<'a>(&'a self, x_args: &'a [String]) -> EnvCacheKey<'a> {
            EnvCacheKey {
                request: &self.request,
                config_files: vec![self.folder.path().join("alembic.ini")],
                section: "alembic",
                environment: &self.environment,
                x_args,
                tag: None,
            }
        }

        fn cache(&self) -> EnvCache {
            EnvCache::in_directory(self.folder.path().join("cache"))
        }

        fn outcome(&self) -> EnvOutcome {
            let models = self.folder.path().join("models.py");
            EnvOutcome {
                files: vec![(models.clone(), hash_of_path(&models).expect("a hash"))],
                environment: BTreeMap::from([("URL".to_owned(), Some("secret-value".to_owned())), ("NONE".to_owned(), None)]),
                ..EnvOutcome::default()
            }
        }
    }

    #[test]
    fn an_outcome_is_found_again_until_something_it_read_changes() {
        let mut setup = Setup::new();
        let (cache, outcome) = (setup.cache(), setup.outcome());
        assert_eq!(cache.load(&setup.key(&[])), None);
        cache.store(&setup.key(&[]), &outcome);
        assert_eq!(cache.load(&setup.key(&[])).as_ref(), Some(&outcome));
        assert_eq!(cache.load(&setup.key(&["a=b".to_owned()])).as_ref(), Some(&outcome), "-x is not used");

        setup.environment.insert("NONE".to_owned(), "now set".to_owned());
        assert_eq!(cache.load(&setup.key(&[])), None);
        setup.environment.remove("NONE");
        for file in ["env.py", "alembic.ini", "models.py"] {
            let path = setup.folder.path().join(file);
            let before = fs::read(&path).expect("a file");
            fs::write(&path, "changed").expect("a file");
            assert_eq!(cache.load(&setup.key(&[])), None, "{file}");
            fs::write(&path, before).expect("a file");
            assert!(cache.load(&setup.key(&[])).is_some(), "{file}");
        }
    }

    #[test]
    fn arguments_count_when_they_were_asked_for() {
        let setup = Setup::new();
        let outcome = EnvOutcome {
            used_x_args: true,
            ..setup.outcome()
        };
        setup.cache().store(&setup.key(&[]), &outcome);
        assert!(setup.cache().load(&setup.key(&[])).is_some());
        assert_eq!(setup.cache().load(&setup.key(&["a=b".to_owned()])), None);
    }

    #[test]
    fn values_of_the_environment_are_not_written_and_damage_is_ignored() {
        let setup = Setup::new();
        let cache = setup.cache();
        cache.store(&setup.key(&[]), &setup.outcome());
        let file = fs::read_dir(setup.folder.path().join("cache"))
            .expect("a directory")
            .next()
            .expect("one file")
            .expect("readable")
            .path();
        let text = fs::read_to_string(&file).expect("text");
        assert!(!text.contains("secret-value"), "{text}");
        fs::write(&file, &text[..text.len() / 2]).expect("a file");
        assert_eq!(cache.load(&setup.key(&[])), None);
    }

    #[test]
    fn models_are_kept_unless_functions_must_be_asked() {
        let setup = Setup::new();
        let (cache, key) = (setup.cache(), setup.key(&[]));
        let mut wanted = WantedMetadata {
            targets: vec![crate::TargetMetadata {
                given: true,
                ..crate::TargetMetadata::default()
            }],
            env: setup.outcome(),
            passed: Vec::new(),
            ..WantedMetadata::default()
        };
        wanted.targets[0].options.include_object = true;
        cache.store_models(&key, &wanted);
        assert_eq!(cache.load_models(&key), None);
        wanted.reader = Some("a hash".to_owned());
        wanted.targets[0].options.include_object = false;
        cache.store_models(&key, &wanted);
        assert_eq!(cache.load_models(&key).as_ref(), Some(&wanted));
        assert_eq!(cache.load(&key), None, "what env.py decides is kept by itself");
        fs::write(setup.folder.path().join("models.py"), "m = 2").expect("a file");
        assert_eq!(cache.load_models(&key), None);
    }

    #[test]
    fn who_looks_through_all_variables_sees_new_ones() {
        let value = |pairs: &[(&str, &str)]| {
            let environment: BTreeMap<String, String> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            hash_of_variable(&environment, EVERY_VARIABLE)
        };
        let before = value(&[("APP_ENV", "x"), ("PWD", "/a")]);
        assert_eq!(before, value(&[("APP_ENV", "y"), ("SHLVL", "2")]));
        assert_ne!(before, value(&[("APP_ENV", "x"), ("APP_URL", "z")]));
    }

    #[test]
    fn what_was_stopped_is_not_kept() {
        let setup = Setup::new();
        let outcome = EnvOutcome {
            stopped: Some(crate::ScriptError::internal("x")),
            ..setup.outcome()
        };
        setup.cache().store(&setup.key(&[]), &outcome);
        assert_eq!(setup.cache().load(&setup.key(&[])), None);
    }

    #[test]
    fn old_entries_make_room_and_nothing_else_does() {
        let setup = Setup::new();
        let cache = setup.cache();
        for name in ["env-old.json", "models-old.json", "env-new.json", "notes.txt"] {
            fs::create_dir_all(&cache.directory).expect("a directory");
            let file = fs::File::create(cache.directory.join(name)).expect("a file");
            let age = if name == "env-new.json" { KEPT / 2 } else { KEPT * 2 };
            file.set_modified(SystemTime::now() - age).expect("a time");
        }
        cache.store(&setup.key(&[]), &setup.outcome());
        let is_there = |name: &str| cache.directory.join(name).exists();
        assert_eq!(
            ["env-old.json", "models-old.json", "env-new.json", "notes.txt"].map(is_there),
            [false, false, true, true]
        );
        assert!(cache.load(&setup.key(&[])).is_some());
    }
}
