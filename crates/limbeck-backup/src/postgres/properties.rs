//! What belongs to a database as a whole and stands in no dump of it: owner, encoding, settings, rights.

use super::{first_text, ident};
use crate::{Properties, RoleSetting};
use limbeck_db::{Connection, DbError};
use limbeck_expr::Literal;
use limbeck_schema::catalogue::literal;

/// Stands for the database's name in `Properties::grants`.
const NAME: &str = "@DATABASE@";

/// Reads the present database's.
pub(super) fn read(connection: &mut dyn Connection) -> Result<Properties, DbError> {
    let row = "SELECT pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, to_jsonb(d) ->> 'datlocprovider', \
         coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'), to_jsonb(d) ->> 'daticurules', nullif(t.spcname, 'pg_default')::text, d.datconnlimit::text, \
         shobj_description(d.oid, 'pg_database') FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = current_database()";
    let row = connection.query(row, &[])?.rows.pop().unwrap_or_default();
    let mut texts = row.into_iter().map(|value| match value {
        Literal::Text(text) => Some(text),
        Literal::Int(number) => Some(number.to_string()),
        _ => None,
    });
    let mut next = || texts.next().flatten();
    let mut found = Properties {
        owner: next().unwrap_or_default(),
        encoding: next().unwrap_or_default(),
        collate: next().unwrap_or_default(),
        ctype: next().unwrap_or_default(),
        provider: next(),
        locale: next(),
        icu_rules: next(),
        tablespace: next(),
        connection_limit: next().and_then(|text| text.parse().ok()).unwrap_or(-1),
        comment: next(),
        ..Properties::default()
    };
    let settings = "SELECT CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole)::text END, unnest(s.setconfig) FROM pg_catalog.pg_db_role_setting s \
         JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database() ORDER BY 1 NULLS FIRST";
    for row in connection.query(settings, &[])?.rows {
        let mut row = row.into_iter();
        let role = match row.next() {
            Some(Literal::Text(role)) => Some(role),
            _ => None,
        };
        if let Some(Literal::Text(setting)) = row.next()
            && let Some((name, value)) = setting.split_once('=')
        {
            found.settings.push(RoleSetting {
                role,
                name: name.to_owned(),
                value: value.to_owned(),
            });
        }
    }
    found.grants = grants(connection)?;
    Ok(found)
}

/// The statements that give a fresh database the rights of this one.
fn grants(connection: &mut dyn Connection) -> Result<Vec<String>, DbError> {
    let sql = format!(
        "SELECT format('GRANT %s ON DATABASE {NAME} TO %s%s', string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), \
         CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
         FROM pg_catalog.pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) a WHERE d.datname = current_database() AND a.grantee <> d.datdba \
         GROUP BY a.grantee, a.is_grantable ORDER BY 1"
    );
    let mut statements = Vec::new();
    if first_text(
        connection,
        "SELECT 'x' FROM pg_catalog.pg_database WHERE datname = current_database() AND datacl IS NOT NULL",
    )?
    .is_some()
    {
        // A fresh database gives PUBLIC the right to connect and to make temporary tables.
        statements.push(format!("REVOKE ALL ON DATABASE {NAME} FROM PUBLIC"));
        for row in connection.query(&sql, &[])?.rows {
            if let Some(Literal::Text(statement)) = row.into_iter().next() {
                statements.push(statement);
            }
        }
    }
    Ok(statements)
}

/// The statement that makes an empty database like this one.
pub(super) fn create(found: &Properties, name: &str) -> String {
    let mut sql = format!("CREATE DATABASE {} TEMPLATE template0", ident(name));
    if found.encoding.is_empty() {
        return sql;
    }
    sql.push_str(&format!(
        " ENCODING {} LC_COLLATE {} LC_CTYPE {}",
        literal(&found.encoding),
        literal(&found.collate),
        literal(&found.ctype)
    ));
    if let Some(locale) = &found.locale {
        match found.provider.as_deref() {
            Some("i") => {
                sql.push_str(&format!(" LOCALE_PROVIDER icu ICU_LOCALE {}", literal(locale)));
                if let Some(rules) = &found.icu_rules {
                    sql.push_str(&format!(" ICU_RULES {}", literal(rules)));
                }
            }
            Some("b") => sql.push_str(&format!(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", literal(locale))),
            _ => {}
        }
    }
    if let Some(tablespace) = &found.tablespace {
        sql.push_str(&format!(" TABLESPACE {}", ident(tablespace)));
    }
    sql
}

/// Gives a database these properties; returns what could not be given.
pub(super) fn apply(connection: &mut dyn Connection, found: &Properties, name: &str) -> Vec<String> {
    let database = ident(name);
    let mut statements: Vec<String> = Vec::new();
    let role = first_text(connection, "SELECT current_user::text").ok().flatten();
    if !found.owner.is_empty() && role.as_deref() != Some(found.owner.as_str()) {
        statements.push(format!("ALTER DATABASE {database} OWNER TO {}", ident(&found.owner)));
    }
    for setting in &found.settings {
        let value = set_value(&setting.name, &setting.value);
        statements.push(match &setting.role {
            None => format!("ALTER DATABASE {database} SET {} TO {value}", setting_name(&setting.name)),
            Some(role) => format!(
                "ALTER ROLE {} IN DATABASE {database} SET {} TO {value}",
                ident(role),
                setting_name(&setting.name)
            ),
        });
    }
    statements.extend(found.grants.iter().map(|statement| statement.replacen(NAME, &database, 1)));
    if let Some(comment) = &found.comment {
        statements.push(format!("COMMENT ON DATABASE {database} IS {}", literal(comment)));
    }
    if found.connection_limit >= 0 {
        statements.push(format!("ALTER DATABASE {database} CONNECTION LIMIT {}", found.connection_limit));
    }
    let mut refused = Vec::new();
    for statement in statements {
        if let Err(error) = connection.execute_batch(&statement) {
            refused.push(format!("{statement}: {error}"));
        }
    }
    refused
}

/// `a.b` of a setting is two names.
fn setting_name(name: &str) -> String {
    name.split('.').map(ident).collect::<Vec<_>>().join(".")
}

/// Lists are stored as they are written, everything else as one value.
fn set_value(name: &str, value: &str) -> String {
    const LISTS: [&str; 6] = [
        "search_path",
        "temp_tablespaces",
        "session_preload_libraries",
        "local_preload_libraries",
        "shared_preload_libraries",
        "unix_socket_directories",
    ];
    if LISTS.contains(&name) {
        // An empty list is stored as an empty name.
        return if value.is_empty() { "''".into() } else { value.to_owned() };
    }
    literal(value)
}
