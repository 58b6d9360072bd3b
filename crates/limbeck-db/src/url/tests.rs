//! Expected values are SQLAlchemy 2.1's own answers.

use super::*;

/// One line with every part, as `user|password|host|port|database|query`.
fn parts(text: &str) -> String {
    let url = DatabaseUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let or_dash = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
    let query: Vec<String> = url.query.iter().map(|(key, values)| format!("{key}={}", values.join(","))).collect();
    format!(
        "{}|{}|{}|{}|{}|{}",
        or_dash(&url.username),
        or_dash(&url.password.as_ref().map(|secret| secret.reveal().to_owned())),
        or_dash(&url.host),
        url.port.map_or("-".to_owned(), |port| port.to_string()),
        or_dash(&url.database),
        query.join("&")
    )
}

#[test]
fn parts_are_sqlalchemys() {
    for (text, expected) in [
        ("postgresql://scott:tiger@localhost:5432/test", "scott|tiger|localhost|5432|test|"),
        ("postgresql+psycopg2://host/db", "-|-|host|-|db|"),
        ("sqlite://", "-|-|-|-|-|"),
        ("sqlite:///x.db", "-|-|-|-|x.db|"),
        ("sqlite:////abs/x y.db", "-|-|-|-|/abs/x y.db|"),
        ("sqlite:///:memory:", "-|-|-|-|:memory:|"),
        ("sqlite:///file:path?mode=ro&uri=true", "-|-|-|-|file:path|mode=ro&uri=true"),
        ("postgresql://u:p%40ss/x@h/db?a=b&a=c&z=+x", "u|p@ss/x|h|-|db|a=b,c&z= x"),
        ("postgresql://[::1]:5432/x", "-|-|::1|5432|x|"),
        ("postgresql://@/db", "|-|-|-|db|"),
        ("postgresql://u:@h", "u||h|-|-|"),
        ("postgresql://u@x:p@h/d", "u@x|p|h|-|d|"),
        ("postgresql://u:p:q@h/d", "u|p:q|h|-|d|"),
        ("postgresql://h?host=a:1&host=b&e=", "-|-|h|-|-|host=a:1,b"),
        ("postgresql://u:p a@h/d b?k=ü%2Bz", "u|p a|h|-|d b|k=ü+z"),
        ("postgresql:///db", "-|-|-|-|db|"),
        ("postgresql://h/d#x?y=1", "-|-|h|-|d#x|y=1"),
        ("postgresql://H/d?host=/tmp&port=5433", "-|-|H|-|d|host=/tmp&port=5433"),
        ("postgresql://u%zz:%C3%A9%FF@h/d", "u%zz|é\u{fffd}|h|-|d|"),
        ("mssql+pyodbc:///?odbc_connect=a%3Bb", "-|-|-|-||odbc_connect=a;b"),
        ("postgresql://user@host:5432/db@x", "user@host|5432/db|x|-|-|"),
    ] {
        assert_eq!(parts(text), expected, "{text}");
    }
}

#[test]
fn rendering_is_sqlalchemys() {
    for (text, open, hidden) in [
        ("sqlite://", "sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///%3Amemory%3A", "sqlite:///%3Amemory%3A"),
        ("sqlite:////abs/x y.db", "sqlite:////abs/x y.db", "sqlite:////abs/x y.db"),
        (
            "postgresql://u:p%40ss/x@h/db?z=+x&a=b&a=c",
            "postgresql://u:p%40ss%2Fx@h/db?a=b&a=c&z=+x",
            "postgresql://u:***@h/db?a=b&a=c&z=+x",
        ),
        ("pg://[::1]:5432/x", "pg://[::1]:5432/x", "pg://[::1]:5432/x"),
        ("postgresql://u:@h", "postgresql://u:@h", "postgresql://u:***@h"),
        ("postgresql://u@x:p@h/d", "postgresql://u%40x:p@h/d", "postgresql://u%40x:***@h/d"),
        (
            "postgresql://h?host=a:1&host=b&e=",
            "postgresql://h?host=a%3A1&host=b",
            "postgresql://h?host=a%3A1&host=b",
        ),
        (
            "postgresql://u:p a@h/d b?k=ü%2Bz",
            "postgresql://u:p a@h/d b?k=%C3%BC%2Bz",
            "postgresql://u:***@h/d b?k=%C3%BC%2Bz",
        ),
        ("postgresql://h/d#x?y=1", "postgresql://h/d%23x?y=1", "postgresql://h/d%23x?y=1"),
    ] {
        let url = DatabaseUrl::parse(text).unwrap();
        assert_eq!(url.render(false), open, "{text}");
        assert_eq!(url.render(true), hidden, "{text}");
        assert_eq!(DatabaseUrl::parse(&url.render(false)).unwrap().render(false), open, "{text} is not stable");
    }
}

#[test]
fn passwords_are_never_shown() {
    let url = DatabaseUrl::parse("postgresql://u:geheim@h/d?sslpassword=geheim&password=geheim").unwrap();
    for shown in [format!("{url:?}"), format!("{url}"), format!("{:?}", url.password), url.render(true)] {
        assert!(!shown.contains("geheim"), "{shown}");
    }
}

#[test]
fn bad_urls_are_typed_errors() {
    for (text, error) in [
        ("nourl", UrlError::Form),
        ("", UrlError::Form),
        ("://h", UrlError::Form),
        (" postgresql://h/d", UrlError::Form),
        ("post-gres://h", UrlError::Form),
        ("postgresql://h:abc/db", UrlError::Port),
        ("postgresql://h:/db", UrlError::Port),
        ("postgresql://h:70000/db", UrlError::Port),
        ("postgresql://[::1/db", UrlError::Port),
        // Parts of a password with an `@` would be taken for the host or the database, and printed.
        ("postgresql://u:ge@heim@h/db", UrlError::SecondAt),
        ("postgresql://u:ge@he/im@h/db", UrlError::SecondAt),
        ("postgresql://u:p@h/db@x/y", UrlError::SecondAt),
    ] {
        assert_eq!(DatabaseUrl::parse(text), Err(error), "{text}");
    }
}

#[test]
fn dialects_and_drivers() {
    let backend = |text: &str| DatabaseUrl::parse(text).unwrap().backend();
    for driver in ["", "+psycopg2", "+psycopg", "+asyncpg", "+pg8000", "+psycopg2cffi"] {
        assert_eq!(backend(&format!("postgresql{driver}://h/d")), Ok(Backend::Postgresql));
    }
    assert_eq!(backend("postgres://h/d"), Ok(Backend::Postgresql));
    assert_eq!(backend("sqlite+aiosqlite:///x"), Ok(Backend::Sqlite));
    assert_eq!(backend("mysql+pymysql://h/d"), Ok(Backend::Mysql));
    assert_eq!(backend("mariadb+mariadbconnector://h/d"), Ok(Backend::Mariadb));
    assert!(!Backend::Mysql.can_connect());
    assert_eq!(backend("mssql+pyodbc://h/d"), Err(UrlError::Dialect("mssql".to_owned())));
    let cipher = backend("sqlite+pysqlcipher:///x").unwrap_err();
    assert!(cipher.hint().contains("encrypted"), "{}", cipher.hint());
    assert!(backend("driver://user:pass@localhost/dbname").unwrap_err().hint().contains("place-holder"));
    assert!(backend("oracle://h").unwrap_err().hint().contains("postgresql://"));
}
