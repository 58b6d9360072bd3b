//! Connections to a real PostgreSQL server.

use std::time::Duration;

use limbeck_db::{Connection, DatabaseUrl, DbError, Environment, Postgres, PostgresSettings, connect, label, read_versions};
use limbeck_expr::{ColumnType, Literal};
use limbeck_ops::DatabaseErrorKind;
use limbeck_test::{Options, Server};

fn server() -> Option<&'static Server> {
    Server::shared().inspect_err(|reason| eprintln!("skipped: {reason}")).ok()
}

fn environment() -> Environment {
    Environment {
        user: Some("postgres".to_owned()),
        ..Environment::default()
    }
}

fn open(url: &str) -> Result<Box<dyn Connection>, DbError> {
    connect(&DatabaseUrl::parse(url).unwrap(), &environment())
}

#[test]
fn values_come_back_as_psycopg2_gives_them() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut connection = open(&database.url()).unwrap();
    let result = connection
        .query(
            "SELECT 1 AS a, 2.50::numeric(5,2) AS b, 'x'::varchar(9) AS c, NULL::text, true, '\\x00ff'::bytea, date '2020-01-02', \
             timestamptz '2020-01-02 03:04:05.5+00', interval '1 day 2 seconds', ARRAY['a','b'], '{\"k\": [1]}'::jsonb, 'é' COLLATE \"C\"",
            &[],
        )
        .unwrap();
    assert_eq!(result.rowcount, 1);
    assert_eq!(result.columns[0].name, "a");
    assert_eq!(result.columns[0].type_, Some(ColumnType::SqlInteger));
    assert_eq!(
        result.columns[1].type_,
        Some(ColumnType::SqlNumeric {
            precision: Some(5),
            scale: Some(2)
        })
    );
    assert_eq!(
        result.columns[2].type_,
        Some(ColumnType::SqlVarchar {
            length: Some(9),
            collation: None
        })
    );
    let row = &result.rows[0];
    assert_eq!(
        row[..7],
        [
            Literal::Int(1),
            Literal::Decimal("2.50".into()),
            Literal::Text("x".into()),
            Literal::Null,
            Literal::Bool(true),
            Literal::Bytes("00ff".into()),
            Literal::Date("2020-01-02".into()),
        ]
    );
    assert!(
        matches!(&row[7], Literal::DateTime(text) if text.contains(".500000+") || text.contains(".500000-")),
        "{row:?}"
    );
    assert_eq!(row[8], Literal::Interval(1, 2, 0));
    assert_eq!(row[9], Literal::Array(vec![Literal::Text("a".into()), Literal::Text("b".into())]));
    assert_eq!(row[10], Literal::Json("{\"k\": [1]}".into()));
    assert_eq!(row[11], Literal::Text("é".into()));
    assert!(connection.server_version()[0] >= 10);
}

#[test]
fn several_statements_give_the_last_result() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut connection = open(&database.url()).unwrap();
    assert_eq!(connection.execute_batch("CREATE TABLE t (id int)").unwrap(), -1);
    assert_eq!(connection.execute_batch("INSERT INTO t VALUES (1), (2)").unwrap(), 2);
    let last = connection.query("SELECT 1; UPDATE t SET id = id + 1 WHERE id = 1", &[]).unwrap();
    assert_eq!((last.rowcount, last.columns.len(), last.rows.len()), (1, 0, 0));
    let returning = connection.query("DELETE FROM t WHERE id = 99 RETURNING id", &[]).unwrap();
    assert_eq!((returning.rowcount, returning.columns.len()), (0, 1));
    assert_eq!(connection.execute_batch("").unwrap(), -1);
    // All or nothing, outside of a transaction too.
    assert!(connection.execute_batch("INSERT INTO t VALUES (7); SELECT 1/0").is_err());
    assert_eq!(
        connection.query("SELECT count(*) FROM t WHERE id = 7", &[]).unwrap().rows[0][0],
        Literal::Int(0)
    );
}

#[test]
fn errors_carry_what_the_server_said() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut connection = open(&database.url()).unwrap();
    connection.execute_batch("CREATE TABLE t (id int CONSTRAINT only_one UNIQUE)").unwrap();
    connection.execute_batch("INSERT INTO t VALUES (1)").unwrap();
    let error = connection.execute_batch("INSERT INTO t VALUES (1)").unwrap_err();
    assert_eq!(error.kind, DatabaseErrorKind::IntegrityError);
    assert_eq!(error.sqlstate(), Some("23505"));
    let fields = error.server.as_ref().unwrap();
    assert_eq!((fields.constraint.as_deref(), fields.table.as_deref()), (Some("only_one"), Some("t")));
    assert_eq!(error.details()[0], "DETAIL:  Key (id)=(1) already exists.");
    let error = connection.query("SELECT 'é', nonsense", &[]).unwrap_err();
    assert_eq!((error.kind, error.server.unwrap().position), (DatabaseErrorKind::ProgrammingError, Some(13)));
    assert_eq!(connection.query("SELECT '\0'", &[]).unwrap_err().kind, DatabaseErrorKind::ValueError);
    assert_eq!(connection.query("SELECT 1", &[]).unwrap().rows[0][0], Literal::Int(1));
    let copy = connection.execute_batch("COPY t FROM STDIN").unwrap_err();
    assert!(copy.message.contains("use INSERT"), "{copy}");
    connection.execute_batch("COPY t TO STDOUT").unwrap();
    connection.execute_batch("DO $$ BEGIN RAISE NOTICE 'hello %', 1; END $$").unwrap();
    let notices = connection.take_notices();
    assert_eq!(
        (notices.len(), notices[0].message.as_str(), notices[0].fields.severity.as_str()),
        (1, "hello 1", "NOTICE")
    );
}

#[test]
fn transactions_keep_or_drop() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut connection = open(&database.url()).unwrap();
    connection.begin().unwrap();
    assert!(connection.in_transaction());
    connection.execute_batch("CREATE TABLE kept (id int)").unwrap();
    connection.savepoint("a \"b").unwrap();
    assert!(connection.execute_batch("SELECT 1/0").is_err());
    connection.rollback_to_savepoint("a \"b").unwrap();
    connection.release_savepoint("a \"b").unwrap();
    connection.commit().unwrap();
    assert!(!connection.in_transaction());
    connection.begin().unwrap();
    connection.execute_batch("CREATE TABLE dropped (id int)").unwrap();
    assert!(connection.execute_batch("SELECT 1/0").is_err());
    let error = connection.commit().unwrap_err();
    assert!(error.message.contains("rolled back instead of committed"), "{error}");
    assert_eq!(
        database.psql("select relname from pg_class where relname in ('kept', 'dropped')").unwrap(),
        "kept\n"
    );
    connection.rollback().unwrap();
}

#[test]
fn another_thread_can_cancel() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut connection = open(&database.url()).unwrap();
    let handle = connection.cancel_handle();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        handle.cancel()
    });
    let error = connection.execute_batch("SELECT pg_sleep(30)").unwrap_err();
    canceller.join().unwrap().unwrap();
    assert_eq!((error.code, error.sqlstate()), ("E0616", Some("57014")));
    assert!(!connection.is_closed());
}

#[test]
fn a_terminated_session_is_a_lost_connection() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut connection = open(&database.url()).unwrap();
    let error = connection.execute_batch("SELECT pg_terminate_backend(pg_backend_pid())").unwrap_err();
    assert!(error.is_connection_lost(), "{error:?}");
    assert!(connection.is_closed());
    assert!(connection.execute_batch("SELECT 1").unwrap_err().is_connection_lost());
}

#[test]
fn unreachable_servers_are_listed() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("postgresql://u:geheim@/d?host=127.0.0.1,{}&port=1,7", directory.path().display());
    let error = open(&url).err().unwrap();
    assert_eq!((error.code, error.kind), ("E0604", DatabaseErrorKind::OperationalError));
    assert_eq!(error.causes.len(), 2, "{error:?}");
    assert!(error.causes[0].contains("\"127.0.0.1\", port 1: Connection refused"), "{error:?}");
    assert!(error.causes[1].contains(".s.PGSQL.7\": No such file"), "{error:?}");
    assert!(!format!("{error:?}").contains("geheim"));
    let error = open("postgresql://nowhere.invalid/d").err().unwrap();
    assert!(error.code == "E0604" && error.causes[0].contains("could not translate host name"), "{error:?}");
}

#[test]
fn refusals_are_told_apart() {
    let Some(server) = server() else { return };
    let url = |user: &str, database: &str| {
        format!(
            "postgresql://{user}@/{database}?host={}&port={}",
            server.socket_directory().display(),
            server.port()
        )
    };
    let error = open(&url("postgres", "no_such_database")).err().unwrap();
    assert_eq!((error.code, error.sqlstate()), ("E0606", Some("3D000")));
    let error = open(&url("nobody_here", "postgres")).err().unwrap();
    assert_eq!((error.code, error.sqlstate()), ("E0607", Some("28000")));
    assert!(error.message.contains("role \"nobody_here\" does not exist"), "{error}");
}

#[test]
fn a_password_is_asked_for_and_never_shown() {
    let options = Options {
        tcp_password: Some("rich/tig".to_owned()),
        // Before PostgreSQL 14 the default was md5.
        settings: vec!["password_encryption = 'scram-sha-256'".to_owned()],
    };
    let server = match Server::start_with(&options) {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let url = |password: &str| format!("postgresql://postgres{password}@127.0.0.1:{}/postgres", server.port());
    let mut connection = open(&url(":rich%2Ftig")).unwrap();
    assert_eq!(connection.query("SELECT 1", &[]).unwrap().rows.len(), 1);
    assert_eq!(connection.label(), url(""));
    let error = open(&url(":falsch")).err().unwrap();
    assert_eq!((error.code, error.sqlstate()), ("E0605", Some("28P01")));
    assert!(!format!("{error:?} {error}").contains("falsch"));
    assert_eq!(open(&url("")).err().unwrap().code, "E0605");
    let mut environment = environment();
    environment.variables.insert("PGPASSWORD".to_owned(), "rich/tig".to_owned());
    assert!(connect(&DatabaseUrl::parse(&url("")).unwrap(), &environment).is_ok());
    let error = open(&format!("{}?sslmode=require", url(":rich%2Ftig"))).err().unwrap();
    assert_eq!(error.code, "E0608");
}

#[test]
fn older_ways_of_asking_for_a_password() {
    let options = Options {
        tcp_password: Some("tiger".to_owned()),
        settings: vec!["password_encryption = 'md5'".to_owned()],
    };
    let server = match Server::start_with(&options) {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    for method in ["md5", "password"] {
        // The server edits its own file, whose last word on a line is the method.
        let edit = format!("copy (select 1) to program 'sed -i \"s/^\\(host all all 127.*\\) .*/\\1 {method}/\" pg_hba.conf'");
        server.psql("postgres", &edit).unwrap();
        server.psql("postgres", "select pg_reload_conf()").unwrap();
        let right = || open(&server.tcp_url("postgres", "tiger"));
        for _ in 0..100 {
            if right().is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut connection = right().unwrap_or_else(|error| panic!("{method}: {error}"));
        let rules = connection
            .query("SELECT auth_method FROM pg_hba_file_rules WHERE address = '127.0.0.1'", &[])
            .unwrap();
        assert_eq!(rules.rows[0][0], Literal::Text(method.to_owned()));
        assert_eq!(open(&server.tcp_url("postgres", "lion")).err().unwrap().code, "E0605", "{method}");
    }
}

#[test]
fn a_session_kind_can_be_asked_for() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let kind = |attrs: &str| open(&format!("{}&target_session_attrs={attrs}", database.url())).err().map(|error| error.code);
    for fits in ["any", "read-write", "primary", "prefer-standby"] {
        assert_eq!(kind(fits), None, "{fits}");
    }
    for does_not in ["read-only", "standby"] {
        assert_eq!(kind(does_not), Some("E0609"), "{does_not}");
    }
}

#[test]
fn session_settings_travel() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut environment = environment();
    environment.variables.insert("PGOPTIONS".to_owned(), "-c search_path=elsewhere".to_owned());
    environment.variables.insert("PGTZ".to_owned(), "Asia/Tokyo".to_owned());
    let settings = PostgresSettings::resolve(&DatabaseUrl::parse(&database.url()).unwrap(), &environment).unwrap();
    let mut connection = Postgres::connect(&settings).unwrap();
    assert_eq!(connection.query("SHOW search_path", &[]).unwrap().rows[0][0], Literal::Text("elsewhere".into()));
    assert_eq!(connection.parameter("TimeZone"), Some("Asia/Tokyo"));
    assert_eq!(connection.parameter("application_name"), Some("limbeck"));
}

#[test]
fn version_rows_are_read() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut connection = open(&database.url()).unwrap();
    let table = limbeck_expr::TableName::new("alembic_version");
    assert_eq!(read_versions(connection.as_mut(), &table).unwrap(), None);
    database
        .psql("create table alembic_version (version_num varchar(32)); insert into alembic_version values ('b'), ('a')")
        .unwrap();
    assert_eq!(read_versions(connection.as_mut(), &table).unwrap(), Some(vec!["b".to_owned(), "a".to_owned()]));
    let elsewhere = limbeck_expr::TableName::in_schema(Some("gone"), "v");
    connection.begin().unwrap();
    assert_eq!(read_versions(connection.as_mut(), &elsewhere).unwrap(), None);
    connection.execute_batch("SELECT 1").unwrap();
    assert_eq!(
        label(&DatabaseUrl::parse("postgresql+asyncpg://u:p@h/d").unwrap(), &environment()),
        "postgresql://u@h:5432/d"
    );
}
