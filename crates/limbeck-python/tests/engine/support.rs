//! A project in a temporary directory, and a host that writes down what it is asked.

use limbeck_expr::{Literal, Query};
use limbeck_ops::{Control, DatabaseErrorKind, Host, HostError, Inspect, Inspected, Operation, Place, ResultColumn, ResultSet};
use limbeck_python::{Direction, Engine, EngineConfig, Output, RunContext, ScriptError};
use serde_json::Map;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Writes down what it is asked; answers as it was told.
#[derive(Default)]
pub struct Notes {
    pub operations: Vec<(Operation, Place)>,
    pub queries: Vec<(Query, Place)>,
    pub controls: Vec<Control>,
    pub answer: ResultSet,
    pub failure: Option<HostError>,
}

impl Notes {
    /// A host that answers every statement with one row.
    pub fn answering(columns: &[&str], row: Vec<Literal>) -> Self {
        Notes {
            answer: ResultSet {
                columns: columns
                    .iter()
                    .map(|name| ResultColumn {
                        name: (*name).to_owned(),
                        type_: None,
                    })
                    .collect(),
                rows: vec![row],
                rowcount: 1,
                lastrowid: None,
            },
            ..Notes::default()
        }
    }

    /// A host that refuses everything.
    pub fn failing(kind: DatabaseErrorKind, message: &str) -> Self {
        Notes {
            failure: Some(HostError::new(kind, message)),
            ..Notes::default()
        }
    }

    fn verdict(&self) -> Result<(), HostError> {
        self.failure.clone().map_or(Ok(()), Err)
    }
}

impl Host for Notes {
    fn operation(&mut self, operation: Operation, at: &Place) -> Result<(), HostError> {
        self.operations.push((operation, at.clone()));
        self.verdict()
    }

    fn execute(&mut self, query: Query, at: &Place) -> Result<ResultSet, HostError> {
        self.queries.push((query, at.clone()));
        self.verdict().map(|()| self.answer.clone())
    }

    fn inspect(&mut self, _what: Inspect, _at: &Place) -> Result<Inspected, HostError> {
        self.verdict().map(|()| Inspected::Names(vec!["users".to_owned(), "posts".to_owned()]))
    }

    fn control(&mut self, what: Control, _at: &Place) -> Result<(), HostError> {
        self.controls.push(what);
        self.verdict()
    }
}

/// A project with files.
pub struct Project {
    pub folder: TempDir,
    pub printed: Arc<Mutex<String>>,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Project {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let project = Project {
            folder,
            printed: Arc::default(),
        };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn config(&self) -> EngineConfig {
        let mut config = EngineConfig::new(self.folder.path());
        config.sys_path = vec![self.folder.path().to_owned()];
        let printed = Arc::clone(&self.printed);
        config.output = Box::new(move |output| {
            let text = match output {
                Output::Text(text) => text,
                Output::Log { level, logger, message } => format!("{level} {logger}: {message}\n"),
            };
            printed.lock().expect("not poisoned").push_str(&text);
        });
        config
    }

    pub fn engine(&self) -> Engine {
        Engine::start(self.config()).expect("an engine")
    }

    pub fn printed(&self) -> String {
        self.printed.lock().expect("not poisoned").clone()
    }
}

/// Runs `upgrade()` of a script with this text.
pub fn upgrade(script: &str, host: &mut dyn Host) -> (Result<(), ScriptError>, String) {
    let project = Project::new(&[("a.py", script)]);
    let result = run(&project, &mut project.engine(), "a.py", host);
    (result, project.printed())
}

/// Runs `upgrade()` of a file of the project.
pub fn run(project: &Project, engine: &mut Engine, name: &str, host: &mut dyn Host) -> Result<(), ScriptError> {
    engine.run_revision(&project.path(name), Direction::Upgrade, &Map::new(), &RunContext::default(), host)
}

/// Runs a script that prints, and returns what it printed.
pub fn printed(script: &str) -> String {
    let (result, printed) = upgrade(script, &mut Notes::default());
    match result {
        Ok(()) => printed,
        Err(error) => panic!("{error}\n{}", error.traceback_text()),
    }
}
