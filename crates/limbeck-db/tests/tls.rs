//! Encrypted connections, as far as each sslmode asks for.

use std::path::{Path, PathBuf};

use limbeck_db::{Connection, DatabaseUrl, DbError, Environment, Postgres, PostgresSettings};
use limbeck_test::{Options, Server};

/// The certificates were made with openssl for these tests only; the server's is for `localhost`.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// Starts a server that speaks TLS: the server itself writes the files, so that it owns them.
fn server() -> Result<Server, String> {
    let options = Options {
        tcp_password: Some("secret".to_owned()),
        // Before PostgreSQL 14 the default was md5.
        settings: vec!["password_encryption = 'scram-sha-256'".to_owned()],
    };
    let server = Server::start_with(&options)?;
    for name in ["server.crt", "server.key"] {
        let text = std::fs::read_to_string(file(name)).map_err(|error| error.to_string())?;
        let write = format!("copy (select unnest(string_to_array('{text}', chr(10)))) to program 'cat > {name}; chmod 600 {name}'");
        server.psql("postgres", &write)?;
    }
    server.psql("postgres", "alter system set ssl = on")?;
    server.psql("postgres", "select pg_reload_conf()")?;
    Ok(server)
}

#[test]
fn each_mode_checks_what_it_says() {
    let server = match server() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let connect_at = |host: &str, query: &str, home: Option<PathBuf>| -> Result<Postgres, DbError> {
        let url = format!("postgresql://postgres:secret@{host}:{}/postgres?{query}", server.port());
        let environment = Environment {
            home,
            ..Environment::default()
        };
        Postgres::connect(&PostgresSettings::resolve(&DatabaseUrl::parse(&url).unwrap(), &environment)?)
    };
    // The reload is not instant.
    for _ in 0..100 {
        if connect_at("127.0.0.1", "sslmode=require", None).is_ok() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let mut connection = connect_at("127.0.0.1", "sslmode=require", None).unwrap();
    let (tick, mut count) = (std::time::Duration::from_millis(40), 0);
    let slow = "SELECT repeat('x', 300000), pg_sleep(0.3) UNION ALL SELECT 'y', pg_sleep(0.1)";
    let result = connection.query_watched(slow, &[], tick, &mut || count += 1).unwrap();
    assert!(count >= 5 && result.rows.len() == 2, "{count}");
    assert_eq!(connection.query("SELECT pg_sleep(0.1), 1", &[]).unwrap().rows.len(), 1);
    let (ca, other) = (file("ca.crt").display().to_string(), file("other-ca.crt").display().to_string());
    let outcome = |host: &str, query: &str| match connect_at(host, query, None) {
        Ok(connection) => if connection.is_encrypted() { "encrypted" } else { "plain" }.to_owned(),
        Err(error) => error.code.to_owned(),
    };
    for (host, query, expected) in [
        ("127.0.0.1", "sslmode=disable".to_owned(), "plain"),
        ("127.0.0.1", "sslmode=allow".to_owned(), "plain"),
        ("127.0.0.1", "sslmode=prefer".to_owned(), "encrypted"),
        ("127.0.0.1", "sslmode=require".to_owned(), "encrypted"),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={ca}"), "encrypted"),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={other}"), "E0608"),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={ca}"), "encrypted"),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={other}"), "E0608"),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={ca}"), "E0608"),
        ("localhost", format!("sslmode=verify-full&sslrootcert={ca}&hostaddr=127.0.0.1"), "encrypted"),
        ("elsewhere", format!("sslmode=verify-full&sslrootcert={ca}&hostaddr=127.0.0.1"), "E0608"),
        ("elsewhere", format!("sslmode=verify-ca&sslrootcert={ca}&hostaddr=127.0.0.1"), "encrypted"),
        ("127.0.0.1", "sslmode=verify-full".to_owned(), "E0608"),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert=/no/such/file".to_owned(), "E0608"),
        // The server's own certificate as the trusted one.
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={}&hostaddr=127.0.0.1", file("server.crt").display()),
            "encrypted",
        ),
    ] {
        assert_eq!(outcome(host, &query), expected, "{host} {query}");
    }
    // `require` checks the chain where the user has a root certificate.
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".postgresql")).unwrap();
    std::fs::copy(&other, home.path().join(".postgresql/root.crt")).unwrap();
    assert_eq!(
        connect_at("127.0.0.1", "sslmode=require", Some(home.path().to_owned())).err().unwrap().code,
        "E0608"
    );

    let mut connection = connect_at("127.0.0.1", "sslmode=require", None).unwrap();
    let long = "x".repeat(300_000);
    let result = connection.query(&format!("SELECT length('{long}'), repeat('y', 300000)"), &[]).unwrap();
    assert_eq!(result.rows[0][0], limbeck_expr::Literal::Int(300_000));
    let handle = connection.cancel_handle();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        handle.cancel()
    });
    assert_eq!(connection.execute_batch("SELECT pg_sleep(30)").unwrap_err().code, "E0616");
    canceller.join().unwrap().unwrap();
}
