//! Makes a project of every template below the folder named on the command line, for trying them with real Alembic.

use std::path::Path;

use limbeck_script::init::{TEMPLATES, create};
use limbeck_script::{Config, ConfigRequest, ScriptError, Silent};

fn main() -> Result<(), ScriptError> {
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    for template in TEMPLATES {
        let cwd = Path::new(&root).join(template.name);
        std::fs::create_dir_all(&cwd).map_err(|source| ScriptError::Write { path: cwd.clone(), source })?;
        let config = Config::find_for_init(&ConfigRequest {
            cwd,
            ..ConfigRequest::default()
        })?;
        create(&config, Path::new("migrations"), template.name, true, &mut Silent)?;
    }
    Ok(())
}
