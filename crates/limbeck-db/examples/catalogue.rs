//! Prints everything a database has, and on stderr how long reading it took: `cargo run --release -p limbeck-db --example catalogue -- URL`.

use limbeck_db::{DatabaseUrl, Environment, Filter, connect, introspect};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("give a URL")?;
    let mut connection = connect(&DatabaseUrl::parse(&url)?, &Environment::of_process())?;
    let started = Instant::now();
    let catalogue = introspect(connection.as_mut(), &Filter::default())?;
    eprintln!("{} objects in {:?}", catalogue.objects().len(), started.elapsed());
    print!("{catalogue}");
    Ok(())
}
