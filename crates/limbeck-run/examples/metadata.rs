//! Prints what a project's models say as JSON, and on standard error how long it took: `metadata PROJECT [URL]`.

use limbeck_run::{LearnRequest, wanted};
use limbeck_script::{ConfigRequest, Project};
use limbeck_source::Diagnose;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_owned()));
    let url = arguments.next();
    let cwd = std::path::absolute(&folder).expect("a path");
    let request = ConfigRequest {
        cwd,
        files: Vec::new(),
        environment: None,
        section: None,
        as_alembic: true,
    };
    let project = match Project::find(&request) {
        Ok(project) => project,
        Err(error) => return eprintln!("{:?}", error.diagnose()),
    };
    let environment = std::env::vars().collect();
    let started = Instant::now();
    let request = LearnRequest {
        project: &project,
        environment: &environment,
        url: url.as_deref(),
        x_args: &[],
        tag: None,
        offline: false,
        revision: None,
        starting_revision: None,
        use_cache: std::env::var_os("METADATA_CACHE").is_some(),
        env_decides: true,
        skip_env: false,
        autogenerate: false,
    };
    match wanted(&request, url.as_deref(), Arc::default(), Box::new(|_| {})) {
        Ok(found) => {
            let tables: usize = found
                .models
                .metadata
                .targets
                .iter()
                .flat_map(|target| &target.metadata)
                .map(|metadata| metadata.tables.len())
                .sum();
            eprintln!(
                "{tables} tables in {:?}, {} statements passed over",
                started.elapsed(),
                found.models.metadata.passed.len()
            );
            println!("{}", serde_json::to_string_pretty(&found.models.metadata).expect("JSON"));
        }
        Err(error) => {
            let error = error.diagnose();
            eprintln!(
                "{} {}\n{:?}\n{}\nhint: {:?}",
                error.code,
                error.message,
                error.location,
                error.notes.join("\n"),
                error.hint
            );
        }
    }
}
