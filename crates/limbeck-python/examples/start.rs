//! Shows what an engine costs: `start PROJECT [ENV_PY] [SCRIPT…]` prints the CPU milliseconds of each step.

use limbeck_ops::{Control, Host, HostError, Inspect, Inspected, Operation, Place, ResultSet};
use limbeck_python::{Direction, Engine, EngineConfig, EnvRequest, RunContext};
use std::fs;
use std::path::PathBuf;

struct Nothing;

impl Host for Nothing {
    fn operation(&mut self, _operation: Operation, _at: &Place) -> Result<(), HostError> {
        Ok(())
    }

    fn execute(&mut self, _query: limbeck_expr::Query, _at: &Place) -> Result<ResultSet, HostError> {
        Ok(ResultSet::default())
    }

    fn inspect(&mut self, what: Inspect, _at: &Place) -> Result<Inspected, HostError> {
        Ok(match what {
            Inspect::Table(_) => Inspected::Table(None),
            Inspect::HasTable(_) | Inspect::HasSequence(_) | Inspect::HasType(_) => Inspected::Flag(false),
            Inspect::ServerVersion => Inspected::Version(vec![15, 0]),
            Inspect::Enums { .. } => Inspected::Enums(Vec::new()),
            Inspect::DefaultSchemaName | Inspect::ViewDefinition(_) => Inspected::Text(None),
            _ => Inspected::Names(Vec::new()),
        })
    }

    fn control(&mut self, _what: Control, _at: &Place) -> Result<(), HostError> {
        Ok(())
    }
}

/// CPU milliseconds of all threads so far (Linux).
fn cpu() -> f64 {
    let mut total = 0.0;
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        total += text.split(' ').next().and_then(|text| text.parse::<f64>().ok()).unwrap_or_default() / 1e6;
    }
    total
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let project = PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_owned()));
    let mut config = EngineConfig::new(&project);
    config.sys_path = vec![project.clone()];
    config.environment = std::env::vars().collect();
    let mut last = cpu();
    let mut step = |name: &str| {
        let now = cpu();
        println!("{name:<40} {:8.2} ms", now - last);
        last = now;
    };
    let mut engine = match Engine::start(config) {
        Ok(engine) => engine,
        Err(error) => return println!("{error}"),
    };
    let _ = engine.eval_template_expression("1 + 1", &serde_json::Map::new(), "");
    step("start");
    for code in std::env::var("IMPORTS").unwrap_or_default().split_whitespace() {
        let result = engine.eval_template_expression("1", &serde_json::Map::new(), &format!("import {code}\n"));
        if let Err(error) = result {
            println!("{error}");
        }
        step(&format!("import {code}"));
    }
    for path in arguments {
        let path = PathBuf::from(path);
        if path.ends_with("env.py") {
            let request = EnvRequest {
                env_py: path.clone(),
                ..EnvRequest::default()
            };
            match engine.evaluate_env(&request) {
                Ok(outcome) => {
                    if let Some(stopped) = outcome.stopped {
                        println!("{stopped}\n{}", stopped.traceback_text());
                    }
                }
                Err(error) => println!("{error}"),
            }
        } else {
            let context = RunContext {
                dialect: Some("postgresql".to_owned()),
                ..RunContext::default()
            };
            let result = engine
                .check_revision(&path, Direction::Upgrade)
                .and_then(|()| engine.run_revision(&path, Direction::Upgrade, &serde_json::Map::new(), &context, &mut Nothing));
            if let Err(error) = result {
                println!("{error}\n{}", error.traceback_text());
            }
        }
        step(&path.file_name().unwrap_or_default().to_string_lossy());
    }
}
