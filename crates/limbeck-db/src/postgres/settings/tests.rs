//! Where settings come from, one source at a time.

use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment {
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        home: None,
        user: Some("me".to_owned()),
    }
}

fn resolve(url: &str, variables: &[(&str, &str)]) -> Result<PostgresSettings, DbError> {
    PostgresSettings::resolve(&DatabaseUrl::parse(url).unwrap(), &environment(variables))
}

/// `user@host:port,…/db`.
fn target(url: &str, variables: &[(&str, &str)]) -> String {
    let settings = resolve(url, variables).unwrap_or_else(|error| panic!("{url}: {error}"));
    let hosts: Vec<String> = settings
        .hosts
        .iter()
        .map(|spec| match &spec.host {
            Host::Tcp(name) => format!("{name}:{}", spec.port),
            Host::Unix(path) => format!("{}:{}", path.display(), spec.port),
        })
        .collect();
    format!("{}@{}/{}", settings.user, hosts.join(","), settings.dbname)
}

#[test]
fn the_url_beats_the_environment() {
    let variables = [("PGHOST", "eh"), ("PGPORT", "99"), ("PGUSER", "eu"), ("PGDATABASE", "ed")];
    assert_eq!(target("postgresql://u@h:1/d", &variables), "u@h:1/d");
    assert_eq!(target("postgresql://", &variables), "eu@eh:99/ed");
    assert_eq!(target("postgresql://h", &variables), "eu@h:99/ed");
    assert_eq!(target("postgresql://h/", &[]), "me@h:5432/me");
    assert_eq!(target("postgresql://u@h", &[]), "u@h:5432/u");
}

#[test]
fn several_hosts() {
    assert_eq!(target("postgresql:///d?host=a:1&host=b&host=c:3", &[]), "me@a:1,b:5432,c:3/d");
    assert_eq!(target("postgresql:///d?host=a,b&port=1,2", &[]), "me@a:1,b:2/d");
    assert_eq!(target("postgresql:///d?host=a,b&port=7", &[]), "me@a:7,b:7/d");
    assert_eq!(target("postgresql://x:9/d?host=a:1", &[]), "me@a:1/d");
    assert_eq!(target("postgresql://x:9/d?host=/sock", &[]), "me@/sock:9/d");
    assert_eq!(target("postgresql:///d?host=/sock&port=5433", &[]), "me@/sock:5433/d");
    assert_eq!(resolve("postgresql:///d?host=a:1&host=b&port=2", &[]).unwrap_err().code, "E0603");
    assert_eq!(resolve("postgresql:///d?host=a,b,c&port=1,2", &[]).unwrap_err().code, "E0603");
    assert_eq!(resolve("postgresql:///d?host=a&port=x", &[]).unwrap_err().message, "invalid port value: \"x\"");
}

#[test]
fn labels_have_no_password() {
    let label = |url: &str| resolve(url, &[]).unwrap().label();
    assert_eq!(label("postgresql+psycopg2://u:geheim@h/d"), "postgresql://u@h:5432/d");
    assert_eq!(label("postgresql://u:geheim@[::1]:1/d"), "postgresql://u@[::1]:1/d");
    assert_eq!(label("postgresql://u@/d?host=/sock"), "postgresql://u@/d?host=/sock&port=5432");
    let settings = resolve("postgresql://u:geheim@h/d", &[("PGPASSWORD", "anders")]).unwrap();
    assert!(!format!("{settings:?}").contains("geheim"));
    assert_eq!(settings.hosts[0].password.as_ref().unwrap().reveal(), "geheim");
}

#[test]
fn modes_and_limits() {
    let mode = |url: &str, variables: &[(&str, &str)]| resolve(url, variables).map(|settings| settings.sslmode);
    assert_eq!(mode("postgresql://h", &[]), Ok(SslMode::Prefer));
    assert_eq!(mode("postgresql://h?sslmode=require", &[("PGSSLMODE", "disable")]), Ok(SslMode::Require));
    assert_eq!(mode("postgresql://h", &[("PGSSLMODE", "verify-full")]), Ok(SslMode::VerifyFull));
    assert_eq!(mode("postgresql+asyncpg://h?ssl=require", &[]), Ok(SslMode::Require));
    assert_eq!(mode("postgresql://h?sslrootcert=system", &[]), Ok(SslMode::VerifyFull));
    assert!(mode("postgresql://h?sslmode=maybe", &[]).unwrap_err().hint.unwrap().contains("verify-ca"));
    assert!(mode("postgresql://h?sslrootcert=system&sslmode=require", &[]).is_err());
    let timeout = |text: &str| resolve(&format!("postgresql://h?connect_timeout={text}"), &[]).unwrap().connect_timeout;
    assert_eq!(timeout("1"), Some(Duration::from_secs(2)));
    assert_eq!(timeout("10"), Some(Duration::from_secs(10)));
    assert_eq!(timeout("0"), None);
}

#[test]
fn what_cannot_be_given_is_refused() {
    assert_eq!(
        resolve("postgresql://h?nonsense=1", &[]).unwrap_err().message,
        "invalid connection option \"nonsense\""
    );
    for refused in ["channel_binding=require", "gssencmode=require", "sslcrl=x", "sslnegotiation=direct"] {
        assert_eq!(resolve(&format!("postgresql://h?{refused}"), &[]).unwrap_err().code, "E0603", "{refused}");
    }
    assert!(resolve("postgresql+asyncpg://h?prepared_statement_cache_size=0&async_fallback=true", &[]).is_ok());
}

#[test]
fn a_service_fills_what_the_url_leaves_open() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("services");
    std::fs::write(&file, "[app]\nhost=sh\nuser=su\ndbname=sd\n").unwrap();
    let file = file.display().to_string();
    let variables = [("PGSERVICEFILE", file.as_str()), ("PGSERVICE", "app"), ("PGUSER", "eu"), ("PGPORT", "7")];
    assert_eq!(target("postgresql:///d", &variables), "su@sh:7/d");
    assert_eq!(target("postgresql://?service=app", &variables[..1]), "su@sh:5432/sd");
    assert_eq!(resolve("postgresql://?service=gone", &variables[..1]).unwrap_err().code, "E0603");
}

#[test]
fn the_password_file_knows_the_default_socket_as_localhost() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(".pgpass");
    std::fs::write(&file, "localhost:*:*:me:local\nh:5432:d:me:far\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut environment = environment(&[]);
    environment.home = Some(directory.path().to_owned());
    let password = |url: &str, environment: &Environment| {
        let settings = PostgresSettings::resolve(&DatabaseUrl::parse(url).unwrap(), environment).unwrap();
        (
            settings.hosts[0].password.clone().map(|secret| secret.reveal().to_owned()),
            settings.warnings.len(),
        )
    };
    assert_eq!(password("postgresql://h/d", &environment), (Some("far".to_owned()), 0));
    assert_eq!(password("postgresql:///d", &environment), (Some("local".to_owned()), 0));
    assert_eq!(password("postgresql://other/d", &environment), (None, 0));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(password("postgresql://h/d", &environment), (None, 1));
}
