//! What the parts of the engine's thread share.

use crate::alike::Known;
use crate::channel::{HostAnswer, HostCall, Message};
use crate::config::{EngineConfig, Output, OutputSink};
use crate::error::MissingImport;
use crate::facts::Facts;
use crate::metadata::PassedOver;
use crate::sink::Sunk;
use limbeck_ops::{HostError, Place};
use rustpython_vm::builtins::{PyCode, PyDictRef};
use rustpython_vm::{PyObjectRef, PyRef, VirtualMachine, builtins::PyModule};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender};

/// What env.py did, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub kind: String,
    pub data: Value,
    pub at: Place,
}

/// A file of the project that was compiled.
pub(crate) struct SourceInfo {
    pub text: String,
    /// Lines of `try` bodies that handle a failing import, first and last.
    pub guarded: Vec<(u32, u32)>,
    /// Lines of imports that nothing uses: they may fail for want of a package.
    pub unused: Vec<u32>,
    /// Of revision scripts: what their functions surely do.
    pub facts: Option<Facts>,
    /// Whether it is a revision script or env.py, and not a module that one of them imports.
    pub top: bool,
    /// Lines of calls at the module's level whose value nobody takes.
    pub bare: Vec<(u32, u32)>,
    /// Imports that moved into functions.
    pub sunk: Vec<Sunk>,
}

/// Shared by everything on the engine's thread.
pub(crate) struct State {
    pub project_root: PathBuf,
    pub sys_path: Vec<PathBuf>,
    pub readable: Vec<PathBuf>,
    pub environment: BTreeMap<String, String>,
    pub config: crate::config::ConfigData,
    pub x_args: Vec<String>,
    pub tag: Option<String>,
    pub vocabulary_directory: Option<PathBuf>,
    pub vocabulary_roots: HashSet<&'static str>,
    pub stand_in_roots: HashSet<&'static str>,
    pub context: PyDictRef,
    pub learning: Cell<bool>,
    pub records: RefCell<Vec<Record>>,
    pub exceptions: RefCell<HashMap<String, PyObjectRef>>,
    pub host_errors: RefCell<Vec<HostError>>,
    pub files: RefCell<BTreeMap<PathBuf, String>>,
    pub environment_reads: RefCell<BTreeMap<String, Option<String>>>,
    pub missing: RefCell<Vec<MissingImport>>,
    pub sources: RefCell<HashMap<String, Rc<SourceInfo>>>,
    pub scripts: RefCell<HashMap<PathBuf, PyRef<PyModule>>>,
    /// Whether some value of a missing package was passed over while a module was imported.
    pub tainted: Cell<bool>,
    /// Modules whose import lines were followed.
    pub followed: RefCell<HashSet<String>>,
    /// Code of scripts that were checked and will run.
    pub codes: RefCell<HashMap<String, PyRef<PyCode>>>,
    /// Whether everything must be loaded as written: the models are wanted.
    pub whole: Cell<bool>,
    /// Lines of env.py's imports that are there for their effect, where everything is loaded.
    pub for_effect: RefCell<Vec<u32>>,
    /// Statements of modules that were passed over.
    pub passed: RefCell<Vec<PassedOver>>,
    /// Classes of models that need not be evaluated.
    pub alike: Alike,
    messages: Sender<Message>,
    answers: Receiver<HostAnswer>,
    output: RefCell<OutputSink>,
}

/// What is known of classes of models that are like others (`crate::alike`).
#[derive(Default)]
pub(crate) struct Alike {
    /// Whether such classes are left out.
    pub on: Cell<bool>,
    /// The classes that were understood.
    pub known: RefCell<Known>,
    /// Whether something happened that makes the result doubtful.
    pub spoilt: Cell<bool>,
    /// How many tables were made without evaluating a class.
    pub left_out: Cell<usize>,
    /// What scripts said so far: it is heard once, whether or not everything is evaluated again.
    pub held: RefCell<Vec<Output>>,
}

impl Alike {
    /// Whether no class was left out.
    pub(crate) fn is_idle(&self) -> bool {
        self.known.borrow().classes.iter().all(|class| class.like.is_empty())
    }

    /// Whether what was learnt holds.
    pub(crate) fn is_sound(&self) -> bool {
        !self.spoilt.get() || self.is_idle()
    }
}

impl State {
    pub(crate) fn new(config: EngineConfig, messages: Sender<Message>, answers: Receiver<HostAnswer>, vm: &VirtualMachine) -> Rc<State> {
        let mut readable = vec![config.project_root.clone()];
        readable.extend(config.readable);
        let readable = readable.into_iter().map(|path| std::fs::canonicalize(&path).unwrap_or(path)).collect();
        Rc::new(State {
            project_root: std::path::absolute(&config.project_root).unwrap_or(config.project_root),
            sys_path: config.sys_path,
            readable,
            environment: config.environment,
            config: config.config,
            x_args: config.x_args,
            tag: config.tag,
            vocabulary_directory: config.vocabulary_directory,
            vocabulary_roots: crate::frozen::vocabulary_roots(),
            stand_in_roots: crate::frozen::stand_in_roots(),
            context: vm.ctx.new_dict(),
            learning: Cell::new(false),
            records: RefCell::default(),
            exceptions: RefCell::default(),
            host_errors: RefCell::default(),
            files: RefCell::default(),
            environment_reads: RefCell::default(),
            missing: RefCell::default(),
            sources: RefCell::default(),
            scripts: RefCell::default(),
            tainted: Cell::new(false),
            followed: RefCell::default(),
            codes: RefCell::default(),
            whole: Cell::new(false),
            for_effect: RefCell::default(),
            passed: RefCell::default(),
            alike: Alike::default(),
            messages,
            answers,
            output: RefCell::new(config.output),
        })
    }

    /// Sends a message to the caller; a caller that is gone is noticed when the next request is awaited.
    pub(crate) fn send(&self, message: Message) {
        let _ = self.messages.send(message);
    }

    /// Asks the caller's host and waits for the answer. `None` when the caller is gone.
    pub(crate) fn ask_host(&self, call: HostCall) -> Option<HostAnswer> {
        self.messages.send(Message::Host(call)).ok()?;
        self.answers.recv().ok()
    }

    pub(crate) fn output(&self, output: Output) {
        if self.alike.on.get() {
            self.alike.held.borrow_mut().push(output);
            return;
        }
        if let Ok(mut sink) = self.output.try_borrow_mut() {
            sink(output);
        }
    }

    /// Whether code of this file belongs to the user (and not to the binary).
    pub(crate) fn is_user_file(&self, path: &str) -> bool {
        let path = Path::new(path);
        path.is_absolute() && self.vocabulary_directory.as_ref().is_none_or(|directory| !path.starts_with(directory))
    }

    /// Whether a script may read this file: it lies below the project or another readable directory, links resolved.
    pub(crate) fn readable_path(&self, path: &str) -> Result<PathBuf, std::io::Error> {
        let path = self.project_root.join(path);
        let real = std::fs::canonicalize(&path)?;
        if self.readable.iter().any(|root| real.starts_with(root)) {
            Ok(real)
        } else {
            Err(std::io::Error::new(
                std::io::ErrorKind::PermissionDenied,
                format!("migration scripts cannot read files outside the project: '{}'", path.display()),
            ))
        }
    }

    /// The text of a line of a compiled file.
    pub(crate) fn source_line(&self, path: &str, line: u32) -> Option<String> {
        let sources = self.sources.borrow();
        let info = sources.get(path)?;
        info.text.lines().nth(line.checked_sub(1)? as usize).map(str::to_owned)
    }
}
