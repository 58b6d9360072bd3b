//! Times reading the project in a folder: `load FOLDER [times]`.

use std::path::PathBuf;
use std::time::Instant;

use limbeck_script::{ConfigRequest, Project, ScriptDirectory, ScriptError};

fn main() -> Result<(), ScriptError> {
    let mut arguments = std::env::args().skip(1);
    let cwd = PathBuf::from(arguments.next().unwrap_or_else(|| ".".into()));
    let times = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1);
    for _ in 0..times {
        let start = Instant::now();
        let project = Project::find(&ConfigRequest {
            cwd: cwd.clone(),
            ..ConfigRequest::default()
        })?;
        let directory = ScriptDirectory::load(&project)?;
        println!("{} scripts in {:?}", directory.scripts.len(), start.elapsed());
    }
    Ok(())
}
