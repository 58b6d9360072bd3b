//! The caller's side: starts the engine's thread, hands it requests, serves its host calls, and stops it when it must.

use crate::channel::{Answer, HostAnswer, HostCall, Message, Request};
use crate::config::{Direction, EngineConfig, OutputSink, RunContext};
use crate::env::{EnvOutcome, EnvRequest};
use crate::error::{ScriptError, ScriptErrorKind};
use crate::interpreter;
use crate::metadata::{Directives, HookAnswer, HookCall, WantedMetadata};
use limbeck_ops::Host;
use limbeck_schema::Table;
use rustpython_vm::signal::{UserSignalSender, user_signal_channel};
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Reserved, not used: the deepest nesting that the recursion limit allows must fit, in an unoptimised build too.
const STACK_BYTES: usize = 256 * 1024 * 1024;
/// How often a running script is looked at.
const TICK: Duration = Duration::from_millis(50);
/// How long a script may take to notice that it was stopped.
const GRACE: Duration = Duration::from_secs(3);

/// A Python interpreter on its own thread, with the project's modules in it.
pub struct Engine {
    requests: Sender<Request>,
    messages: Receiver<Message>,
    answers: Sender<HostAnswer>,
    signals: UserSignalSender,
    deadline: Option<Duration>,
    interrupt: Arc<AtomicBool>,
    lost: bool,
    /// To start again from nothing.
    config: EngineConfig,
    left_out: usize,
}

impl Engine {
    /// Starts an engine. Nothing of the project is loaded yet.
    ///
    /// # Errors
    /// If the system gives no thread for it.
    pub fn start(config: EngineConfig) -> Result<Engine, ScriptError> {
        #[cfg(debug_assertions)]
        let config = EngineConfig {
            // For work on the vocabulary without building it in each time.
            vocabulary_directory: config.vocabulary_directory.or_else(|| std::env::var_os("LIMBECK_VOCABULARY").map(Into::into)),
            ..config
        };
        let mut config = config;
        let output = Arc::new(Mutex::new(std::mem::replace(&mut config.output, Box::new(|_| {}))));
        let shared = move || -> OutputSink {
            let output = Arc::clone(&output);
            Box::new(move |text| {
                if let Ok(mut output) = output.lock() {
                    output(text);
                }
            })
        };
        let kept = config.twin(shared());
        config.output = shared();
        let (requests, request_receiver) = channel();
        let (message_sender, messages) = channel();
        let (answers, answer_receiver) = channel();
        let (signals, signal_receiver) = user_signal_channel();
        let deadline = config.deadline;
        let interrupt = Arc::clone(&config.interrupt);
        thread::Builder::new()
            .name("limbeck-python".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || interpreter::run(config, &request_receiver, message_sender, answer_receiver, signal_receiver))
            .map_err(|error| ScriptError::internal(format!("no thread for the Python engine: {error}")))?;
        Ok(Engine {
            requests,
            messages,
            answers,
            signals,
            deadline,
            interrupt,
            lost: false,
            config: kept,
            left_out: 0,
        })
    }

    /// How many classes of models were not evaluated, because they are written like others.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Asks what needs the classes of models only for their tables: first with those left out that are like others, then, where that is in doubt, with all.
    fn ask_leaving_out(&mut self, request: impl Fn(bool) -> Request) -> Result<Answer, ScriptError> {
        let answer = self.ask(request(self.config.leave_out_alike), None)?;
        if !matches!(answer, Answer::Again) {
            return Ok(answer);
        }
        let output = std::mem::replace(&mut self.config.output, Box::new(|_| {}));
        *self = Engine::start(self.config.twin(output))?;
        self.ask(request(false), None)
    }

    /// Runs `upgrade()` or `downgrade()` of the script at `path`, with `arguments` as keyword arguments; `host` serves what it asks.
    ///
    /// # Errors
    /// What stopped the script.
    pub fn run_revision(
        &mut self,
        path: &Path,
        direction: Direction,
        arguments: &Map<String, Value>,
        context: &RunContext,
        host: &mut dyn Host,
    ) -> Result<(), ScriptError> {
        let request = Request::Run {
            path: path.to_owned(),
            direction,
            arguments: arguments.clone(),
            context: Box::new(context.clone()),
        };
        self.ask(request, Some(host)).map(|_| ())
    }

    /// Looks at the script at `path` without running it: its syntax, packages that the function surely needs and that are not there, names of the vocabulary
    /// that are not supported yet. What is compiled is kept for the run.
    ///
    /// # Errors
    /// The first thing that would stop the script.
    pub fn check_revision(&mut self, path: &Path, direction: Direction) -> Result<(), ScriptError> {
        let request = Request::Check {
            path: path.to_owned(),
            direction,
        };
        self.ask(request, None).map(|_| ())
    }

    /// Evaluates env.py to learn what it would do: URL, options, statements before the migrations.
    ///
    /// # Errors
    /// If the engine itself fails. What stopped env.py is part of the outcome.
    pub fn evaluate_env(&mut self, request: &EnvRequest) -> Result<EnvOutcome, ScriptError> {
        match self.ask_leaving_out(|alike| Request::Environment(Box::new(request.clone()), alike))? {
            Answer::Environment(outcome) => Ok(*outcome),
            _ => Err(mixed_up()),
        }
    }

    /// Evaluates env.py and the models behind it: the tables that the project wants. Ask it of an engine that has loaded nothing yet.
    ///
    /// # Errors
    /// What stopped env.py or a module of the models, and whatever could not be loaded of them.
    pub fn target_metadata(&mut self, request: &EnvRequest) -> Result<WantedMetadata, ScriptError> {
        match self.ask_leaving_out(|alike| Request::Metadata(Box::new(request.clone()), alike))? {
            Answer::Metadata(wanted, left_out) => {
                self.left_out = left_out;
                Ok(*wanted)
            }
            _ => Err(mixed_up()),
        }
    }

    /// Takes the database's tables over, for functions that look at them; names of constraints and indexes are those of the database. `target` is the number
    /// of the `context.configure(...)`.
    ///
    /// # Errors
    /// A table that cannot be made an object.
    pub fn reflected(&mut self, target: usize, tables: &[Table]) -> Result<(), ScriptError> {
        self.ask(Request::Reflected(target, tables.to_vec()), None).map(|_| ())
    }

    /// Asks env.py's functions, in order; as many answers as questions.
    ///
    /// # Errors
    /// What a function raised, or a question about an object that nobody knows.
    pub fn call_hooks(&mut self, target: usize, calls: &[HookCall]) -> Result<Vec<HookAnswer>, ScriptError> {
        match self.ask(Request::Hooks(target, calls.to_vec()), None)? {
            Answer::Hooks(answers) if answers.len() == calls.len() => Ok(answers),
            _ => Err(mixed_up()),
        }
    }

    /// Makes the comparisons of the project's own, which look at the database through `host`, and hands the revision to `process_revision_directives`
    /// (`heads`: the revisions the database is at); returns what is left to be written.
    ///
    /// # Errors
    /// What the function raised, or an operation of its own that cannot be written.
    pub fn process_directives(
        &mut self,
        target: usize,
        directives: &Directives,
        heads: &[String],
        host: Option<&mut dyn Host>,
    ) -> Result<Vec<Directives>, ScriptError> {
        match self.ask(Request::Directives(target, Box::new(directives.clone()), heads.to_vec()), host)? {
            Answer::Directives(left) => Ok(left),
            _ => Err(mixed_up()),
        }
    }

    /// Loads the script at `path` and returns its module-level `names` that hold plain data (for headers that are computed).
    ///
    /// # Errors
    /// What stopped the script.
    pub fn revision_attributes(&mut self, path: &Path, names: &[&str]) -> Result<Map<String, Value>, ScriptError> {
        let request = Request::Attributes {
            path: path.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        match self.ask(request, None)? {
            Answer::Values(values) => Ok(values),
            _ => Err(mixed_up()),
        }
    }

    /// Evaluates a Python expression of a template with `variables` in scope, after running `prelude` (its `<%! … %>` blocks); returns `str()` of it.
    ///
    /// # Errors
    /// What stopped the expression.
    pub fn eval_template_expression(&mut self, expression: &str, variables: &Map<String, Value>, prelude: &str) -> Result<String, ScriptError> {
        let request = Request::Expression {
            expression: expression.to_owned(),
            variables: variables.clone(),
            prelude: prelude.to_owned(),
        };
        match self.ask(request, None)? {
            Answer::Text(text) => Ok(text),
            _ => Err(mixed_up()),
        }
    }

    fn ask(&mut self, request: Request, mut host: Option<&mut (dyn Host + '_)>) -> Result<Answer, ScriptError> {
        if self.lost || self.requests.send(request).is_err() {
            return Err(ended());
        }
        let running = Running(Arc::new(AtomicBool::new(true)));
        let mut watch = Watch::new(self.deadline, &self.interrupt);
        loop {
            match self.messages.recv_timeout(TICK) {
                Ok(Message::Started) => watch.restart(),
                Ok(Message::Finished(result)) => {
                    return result.map_err(|error| watch.explain(*error));
                }
                Ok(Message::Host(call)) => {
                    let asked = Instant::now();
                    let answer = match &mut host {
                        Some(host) => serve(call, Some(&mut **host)),
                        None => serve(call, None),
                    };
                    watch.exclude(asked.elapsed());
                    if self.answers.send(answer).is_err() {
                        self.lost = true;
                        return Err(ended());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.lost = true;
                    return Err(ended());
                }
            }
            match watch.verdict() {
                Verdict::Go => {}
                Verdict::Stop => {
                    // Sent again at each tick: a script may swallow one, and the flag behind it is shared by all interpreters of the process.
                    let running = Arc::clone(&running.0);
                    let _ = self.signals.send(Box::new(move |vm| {
                        if running.load(Ordering::Acquire) {
                            return interpreter::raise_abort(vm);
                        }
                        Ok(())
                    }));
                }
                Verdict::GiveUp => {
                    self.lost = true;
                    return Err(watch.explain(ScriptError::internal("the script does not stop")));
                }
            }
        }
    }
}

fn mixed_up() -> ScriptError {
    ScriptError::internal("the Python engine answered another question")
}

fn ended() -> ScriptError {
    ScriptError::internal("the Python engine has ended")
}

fn serve(call: HostCall, host: Option<&mut (dyn Host + '_)>) -> HostAnswer {
    let refused = || limbeck_ops::HostError::new(limbeck_ops::DatabaseErrorKind::InvalidRequestError, "there is no database at this point");
    match (call, host) {
        (HostCall::Operation(operation, at), Some(host)) => HostAnswer::Done(host.operation(*operation, &at)),
        (HostCall::Execute(query, at), Some(host)) => HostAnswer::Rows(host.execute(*query, &at)),
        (HostCall::Inspect(what, at), Some(host)) => HostAnswer::Inspected(host.inspect(what, &at).map(Box::new)),
        (HostCall::Control(what, at), Some(host)) => HostAnswer::Done(host.control(what, &at)),
        (HostCall::Execute(..), None) => HostAnswer::Rows(Err(refused())),
        (HostCall::Inspect(..), None) => HostAnswer::Inspected(Err(refused())),
        (HostCall::Operation(..) | HostCall::Control(..), None) => HostAnswer::Done(Err(refused())),
    }
}

/// Whether the request is still served: a late signal must not stop the next one.
struct Running(Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

enum Verdict {
    Go,
    Stop,
    GiveUp,
}

/// Decides when a script has to stop.
struct Watch<'a> {
    deadline: Option<Duration>,
    interrupt: &'a AtomicBool,
    started: Instant,
    excluded: Duration,
    stopped: Option<(Instant, ScriptErrorKind)>,
}

impl<'a> Watch<'a> {
    fn new(deadline: Option<Duration>, interrupt: &'a AtomicBool) -> Self {
        Watch {
            deadline,
            interrupt,
            started: Instant::now(),
            excluded: Duration::ZERO,
            stopped: None,
        }
    }

    fn restart(&mut self) {
        self.started = Instant::now();
    }

    fn exclude(&mut self, time: Duration) {
        self.excluded += time;
    }

    fn verdict(&mut self) -> Verdict {
        if let Some((since, _)) = self.stopped {
            return if since.elapsed() > GRACE { Verdict::GiveUp } else { Verdict::Stop };
        }
        let ran = self.started.elapsed().saturating_sub(self.excluded);
        let why = if self.interrupt.load(Ordering::Relaxed) {
            ScriptErrorKind::Interrupted
        } else if self.deadline.is_some_and(|deadline| ran > deadline) {
            ScriptErrorKind::Deadline
        } else {
            return Verdict::Go;
        };
        self.stopped = Some((Instant::now(), why));
        Verdict::Stop
    }

    /// Says why the script was stopped, if it was.
    fn explain(&self, mut error: ScriptError) -> ScriptError {
        let Some((_, why)) = self.stopped else { return error };
        error.kind = why;
        error.message = match (why, self.deadline) {
            (ScriptErrorKind::Deadline, Some(deadline)) => {
                format!("the script was stopped: it ran longer than {} s", deadline.as_secs_f64())
            }
            _ => "the script was stopped by the user".to_owned(),
        };
        error
    }
}
