//! Restoring into the database itself, in one transaction: emptied, filled, compared, and only then committed.
//!
//! The COMMIT is the last line that psql gets. When this process dies before, psql meets the end of its input without one, hangs up, and the server rolls back.

use super::child::Running;
use super::fill::{OneTransaction, Script, has_data, psql, restore_failed};
use super::{Fill, Server, clear, counts, first_text};
use crate::verdict::{Checked, differences};
use crate::{BackupError, Comparison, Watch};
use limbeck_expr::TableName;
use limbeck_schema::catalogue::literal;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

/// What stands in front of the counts in psql's output.
const MARK: &str = "limbeck:counted:";

/// What a restore in place is allowed.
#[derive(Debug, Clone)]
pub struct InPlace {
    /// Whether the present content may go.
    pub replace: bool,
    /// How long to wait for a lock while it is emptied.
    pub lock_timeout: Duration,
    /// The version table.
    pub version_table: TableName,
}

/// What is in the database before the COMMIT.
#[derive(Debug, Deserialize)]
struct Counted {
    rows: BTreeMap<String, u64>,
    large_objects: u64,
    revisions: Option<Vec<String>>,
}

/// Restores a backup into the database it leads to.
///
/// # Errors
/// Why not; the database is as it was.
pub fn in_place(server: &Server, checked: &Checked, fill: &Fill, options: &InPlace, watch: &mut Watch<'_>) -> Result<Comparison, BackupError> {
    {
        let mut connection = server.connect()?;
        let tables = clear::relations(&mut connection)?;
        if tables > 0 && !options.replace {
            return Err(BackupError::NotEmpty {
                database: server.database().to_owned(),
                tables,
            });
        }
        clear::check(&mut connection)?;
        first_text(&mut connection, "SELECT 'ready'")?;
    }
    watch.phase("restoring in one transaction");
    let mut command = psql(server, fill);
    command.stdout(Stdio::piped());
    let mut running = Running::start(command, watch.stop())?;
    let mut to = running.child.stdin.take().expect("its input is a pipe");
    let output = running.child.stdout.take().expect("its output is a pipe");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // Results of the dump's own queries come here too.
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(text) = line.strip_prefix(MARK) {
                let _ = sender.send(text.to_owned());
            }
        }
    });
    let done = transaction(&mut to, &receiver, checked, fill, options, watch);
    drop(to);
    match done {
        // psql hung up and says why.
        Err(error @ (BackupError::File { .. } | BackupError::Restore { .. })) => match running.finish() {
            Err(said) => Err(restore_failed(said)),
            Ok(()) => Err(error),
        },
        Err(error) => {
            running.kill();
            Err(error)
        }
        Ok(comparison) => {
            running.finish().map_err(restore_failed)?;
            Ok(comparison)
        }
    }
}

fn transaction(
    to: &mut dyn Write,
    answers: &mpsc::Receiver<String>,
    checked: &Checked,
    fill: &Fill,
    options: &InPlace,
    watch: &mut Watch<'_>,
) -> Result<Comparison, BackupError> {
    let mut script = Script::open(checked, fill, watch)?;
    let timeout = options.lock_timeout.as_millis();
    say(
        to,
        &format!(
            "BEGIN;\nSET LOCAL lock_timeout = '{timeout}ms';\n{}SET LOCAL lock_timeout = 0;\n",
            clear::block()
        ),
    )?;
    script.send(to, fill, Some(OneTransaction), watch)?;
    script.finish()?;
    watch.phase("counting what was restored");
    say(to, &format!("\n{}", count_block(&options.version_table)))?;
    let answer = loop {
        match answers.recv_timeout(Duration::from_millis(100)) {
            Ok(answer) => break answer,
            Err(mpsc::RecvTimeoutError::Timeout) => watch.check()?,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(BackupError::Restore {
                    said: Vec::new(),
                    program: "psql".into(),
                });
            }
        }
    };
    let counted: Counted = serde_json::from_str(&answer).map_err(|error| BackupError::Restore {
        said: vec![format!("the counts cannot be read: {error}")],
        program: "psql".into(),
    })?;
    let mut revisions = counted.revisions;
    if let Some(rows) = &mut revisions {
        rows.sort();
    }
    if let Some(manifest) = &checked.manifest {
        let found = differences(manifest, Some(&counted.rows), revisions.as_deref(), Some(counted.large_objects));
        if !found.is_empty() {
            return Err(BackupError::Differs { differences: found });
        }
    }
    watch.check()?;
    say(to, "COMMIT;\n")?;
    Ok(Comparison {
        tables: counted.rows.len(),
        rows: counted.rows.values().sum(),
        revisions,
        compared: checked.manifest.is_some() && has_data(checked.manifest.as_ref()),
    })
}

/// Counts everything and prints it behind the mark. A block returns nothing, so the result goes by way of a setting of this transaction.
fn count_block(table: &TableName) -> String {
    let schema = match &table.schema {
        Some(schema) => format!("n.nspname = {}", literal(schema.as_str())),
        None => "n.nspname !~ '^pg_'".to_owned(),
    };
    format!(
        "RESET SESSION AUTHORIZATION;\nRESET ROLE;\nDO $limbeck$\nDECLARE\n  found record;\n  number bigint;\n  counted jsonb := '{{}}';\n  revisions jsonb;\nBEGIN\n\
         \x20 FOR found IN SELECT * FROM ({}) AS tables (name, query) LOOP\n    EXECUTE found.query INTO number;\n    counted := counted || jsonb_build_object(found.name, number);\n  END LOOP;\n\
         \x20 FOR found IN SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace\n\
         \x20     WHERE c.relname = {} AND c.relkind IN ('r', 'p') AND {schema} ORDER BY n.nspname = 'public' DESC, 1 LIMIT 1 LOOP\n\
         \x20   EXECUTE 'SELECT coalesce(jsonb_agg(version_num), ''[]'') FROM ' || found.name INTO revisions;\n  END LOOP;\n\
         \x20 PERFORM pg_catalog.set_config('limbeck.counted', jsonb_build_object('rows', counted, 'revisions', revisions,\n\
         \x20   'large_objects', (SELECT count(*) FROM pg_catalog.pg_largeobject_metadata))::text, true);\nEND\n$limbeck$;\n\
         SELECT '{MARK}' || pg_catalog.current_setting('limbeck.counted');\n",
        counts::COUNTED,
        literal(table.name.as_str())
    )
}

fn say(to: &mut dyn Write, text: &str) -> Result<(), BackupError> {
    to.write_all(text.as_bytes())
        .and_then(|()| to.flush())
        .map_err(|error| BackupError::file("sent to psql", std::path::Path::new("the backup"), error))
}
