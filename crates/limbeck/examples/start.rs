//! A program that starts only on a database that fits its code.
//!
//! ```text
//! cargo run -p limbeck --example start -- postgresql://app@localhost/app path/to/project
//! ```

use limbeck::{Gate, Verdict};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(project)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: start URL PROJECT");
        return ExitCode::from(2);
    };
    // In an async program: `let verdict = gate.ask().await`, on whatever runtime.
    let gate = Gate::new(&url, project).retries(5, Duration::from_secs(1)).ahead(1);
    match gate.ask_blocking() {
        Ok(verdict) if verdict.passes() => {
            println!("starting: {verdict}");
            ExitCode::SUCCESS
        }
        Ok(verdict) => {
            println!("not starting: {verdict}");
            if let Verdict::Behind { pending, .. } = &verdict {
                for one in pending {
                    println!("  {}  {}", one.revision, one.message);
                }
            }
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
