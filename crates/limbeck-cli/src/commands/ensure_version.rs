//! `ensure_version`: creates the version table if it is not there.

use super::Outcome;
use crate::args::EnsureVersionArgs;
use crate::context::Context;
use crate::progress::Progress;
use crate::session::{self, Need};
use crate::workspace::Workspace;
use limbeck_run::{Event, Events, statement_text, version};
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &EnsureVersionArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let need = Need {
        offline: args.sql,
        ..Need::default()
    };
    for settings in session::settings(context, &workspace, &need)? {
        let mut progress = Progress::new(context);
        let transactional = settings.options.transactional_ddl.unwrap_or(settings.dialect.transactional_ddl());
        let failure = |error| session::database_failure(context, "the version table cannot be created", &error);
        if args.sql {
            progress.event(Event::Connected {
                impl_name: settings.dialect.impl_name(),
                transactional_ddl: transactional,
                offline: true,
            });
            let create = version::create(&settings.version_table, settings.dialect, true).map_err(failure)?;
            if transactional {
                context.print_raw("BEGIN;\n\n");
            }
            context.print_raw(&statement_text(&create));
            if transactional {
                context.print_raw("COMMIT;\n\n");
            }
        } else {
            let mut connection = session::connect(context, &settings, &mut progress)?;
            version::ensure(&settings.version_table, connection.as_mut(), settings.dialect).map_err(failure)?;
            if !context.is_alembic() {
                context.message(&format!("The version table {} is there.", settings.version_table.name));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
