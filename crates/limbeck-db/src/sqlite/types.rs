//! Declared types as SQLAlchemy's reflection reads them: a known name, else by SQLite's rules of affinity.

use limbeck_expr::ColumnType;

/// Resolves a declared type, already in upper case.
pub(super) fn resolve(declared: &str) -> ColumnType {
    // The name is everything up to the first character that no name holds; numbers count only in parentheses right behind it.
    let end = declared
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c.is_whitespace()))
        .unwrap_or(declared.len());
    let (name, rest) = declared.split_at(end);
    let numbers: Vec<u32> = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((inner, _)) => inner.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect(),
        None => Vec::new(),
    };
    let has = |part: &str| name.contains(part);
    let known = known(name, &numbers);
    known.unwrap_or_else(|| {
        if has("INT") {
            ColumnType::SqlInteger
        } else if has("CHAR") || has("CLOB") || has("TEXT") {
            text(&numbers)
        } else if has("BLOB") || name.is_empty() {
            ColumnType::Null
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            real(&numbers)
        } else {
            let (precision, scale) = precision_and_scale(&numbers);
            ColumnType::SqlNumeric { precision, scale }
        }
    })
}

fn known(name: &str, numbers: &[u32]) -> Option<ColumnType> {
    let length = numbers.first().copied();
    let (precision, scale) = precision_and_scale(numbers);
    let collation = None;
    Some(match name {
        "BIGINT" => ColumnType::SqlBigint,
        "BLOB" => ColumnType::SqlBlob { length },
        "BOOL" | "BOOLEAN" => ColumnType::SqlBoolean,
        "CHAR" => ColumnType::SqlChar { length, collation },
        "DATE" | "DATE_CHAR" => ColumnType::SqlDate,
        "DATETIME" | "DATETIME_CHAR" => ColumnType::SqlDatetime { timezone: false },
        "DOUBLE" => ColumnType::SqlDouble { precision, scale: None },
        "DECIMAL" => ColumnType::SqlDecimal { precision, scale },
        "FLOAT" => ColumnType::SqlFloat { precision, scale: None },
        "INT" | "INTEGER" => ColumnType::SqlInteger,
        "JSON" => ColumnType::SqlJson,
        "JSONB" => ColumnType::Pg("JSONB".to_owned()),
        "NUMERIC" => ColumnType::SqlNumeric { precision, scale },
        "REAL" => real(numbers),
        "SMALLINT" => ColumnType::SqlSmallint,
        "TEXT" => text(numbers),
        "TIME" | "TIME_CHAR" => ColumnType::SqlTime {
            timezone: false,
            precision: None,
        },
        "TIMESTAMP" => ColumnType::SqlTimestamp {
            // The class's first argument is `timezone`, and a number in parentheses ends up there.
            timezone: numbers.len() == 1 && numbers[0] != 0,
            precision: None,
        },
        "VARCHAR" => ColumnType::SqlVarchar { length, collation },
        "NVARCHAR" => ColumnType::SqlNvarchar { length, collation },
        "NCHAR" => ColumnType::SqlNchar { length, collation },
        _ => return None,
    })
}

fn precision_and_scale(numbers: &[u32]) -> (Option<u32>, Option<i32>) {
    // A class that takes fewer arguments than are given is made without any.
    if numbers.len() > 2 {
        return (None, None);
    }
    (numbers.first().copied(), numbers.get(1).and_then(|scale| i32::try_from(*scale).ok()))
}

fn text(numbers: &[u32]) -> ColumnType {
    ColumnType::SqlText {
        length: numbers.first().copied(),
        collation: None,
    }
}

fn real(numbers: &[u32]) -> ColumnType {
    ColumnType::SqlReal {
        precision: numbers.first().copied(),
        scale: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types() {
        let varchar = |length| ColumnType::SqlVarchar { length, collation: None };
        for (declared, expected) in [
            ("VARCHAR(20)", varchar(Some(20))),
            ("VARCHAR", varchar(None)),
            ("DATETIME", ColumnType::SqlDatetime { timezone: false }),
            ("BOOLEAN", ColumnType::SqlBoolean),
            (
                "NUMERIC(10, 2)",
                ColumnType::SqlNumeric {
                    precision: Some(10),
                    scale: Some(2),
                },
            ),
            ("TINYINT(1)", ColumnType::SqlInteger),
            (
                "CHARACTER VARYING(9)",
                ColumnType::SqlText {
                    length: Some(9),
                    collation: None,
                },
            ),
            ("", ColumnType::Null),
            ("LONGBLOB", ColumnType::Null),
            ("DOUBLE PRECISION", ColumnType::SqlReal { precision: None, scale: None }),
            ("MONEY", ColumnType::SqlNumeric { precision: None, scale: None }),
        ] {
            assert_eq!(resolve(declared), expected, "{declared}");
        }
    }
}
