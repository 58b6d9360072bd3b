//! A project with models and an env.py.

use limbeck_python::{Engine, EngineConfig, EnvRequest, ScriptError, WantedMetadata};
use std::fs;
use tempfile::TempDir;

/// An env.py that connects and configures; `%OPTIONS%` and `%BEFORE%` are filled in.
const ENV: &str = r#"
from alembic import context
from sqlalchemy import create_engine
import models
%BEFORE%

with create_engine("%URL%").connect() as connection:
    context.configure(connection=connection, target_metadata=models.metadata%OPTIONS%)
    with context.begin_transaction():
        context.run_migrations()
"#;

pub struct Project {
    pub folder: TempDir,
}

impl Project {
    pub fn new(models: &str) -> Project {
        let project = Project {
            folder: tempfile::tempdir().expect("a directory"),
        };
        project.write("models.py", models);
        project.env("postgresql://u@h/d", "", "");
        project
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Writes env.py.
    pub fn env(&self, url: &str, before: &str, options: &str) {
        let options = if options.is_empty() { String::new() } else { format!(", {options}") };
        self.write("env.py", &ENV.replace("%URL%", url).replace("%BEFORE%", before).replace("%OPTIONS%", &options));
    }

    pub fn engine(&self) -> Engine {
        let mut config = EngineConfig::new(self.folder.path());
        config.sys_path = vec![self.folder.path().to_owned()];
        Engine::start(config).expect("an engine")
    }

    pub fn request(&self) -> EnvRequest {
        EnvRequest {
            env_py: self.folder.path().join("env.py"),
            ..EnvRequest::default()
        }
    }

    pub fn wanted(&self) -> Result<WantedMetadata, ScriptError> {
        self.engine().target_metadata(&self.request())
    }
}

/// What a project that evaluates wants.
pub fn wanted(project: &Project) -> WantedMetadata {
    project.wanted().unwrap_or_else(|error| panic!("{error}\n{}", error.traceback_text()))
}
