//! PostgreSQL's built-in type numbers.

use limbeck_expr::ColumnType;

/// How a value of a type becomes a Python value in psycopg2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Bytes,
    Int,
    Float,
    Decimal,
    Text,
    Date,
    Time,
    DateTime,
    Interval,
    Uuid,
    Json,
}

/// Returns the kind of a type and whether it is an array of it.
pub(super) fn kind(oid: u32) -> (Kind, bool) {
    match oid {
        16 => (Kind::Bool, false),
        17 => (Kind::Bytes, false),
        20 | 21 | 23 | 26 => (Kind::Int, false),
        700 | 701 => (Kind::Float, false),
        1700 => (Kind::Decimal, false),
        1082 => (Kind::Date, false),
        1083 | 1266 => (Kind::Time, false),
        1114 | 1184 => (Kind::DateTime, false),
        1186 => (Kind::Interval, false),
        2950 => (Kind::Uuid, false),
        114 | 3802 => (Kind::Json, false),
        1000 => (Kind::Bool, true),
        1001 => (Kind::Bytes, true),
        1005 | 1006 | 1007 | 1016 | 1028 => (Kind::Int, true),
        1021 | 1022 => (Kind::Float, true),
        1231 => (Kind::Decimal, true),
        1182 => (Kind::Date, true),
        1183 | 1270 => (Kind::Time, true),
        1115 | 1185 => (Kind::DateTime, true),
        1187 => (Kind::Interval, true),
        2951 => (Kind::Uuid, true),
        199 | 3807 => (Kind::Json, true),
        1002 | 1003 | 1009 | 1014 | 1015 | 651 | 1041 | 1040 => (Kind::Text, true),
        _ => (Kind::Text, false),
    }
}

/// The column type of a built-in type with its modifier.
pub(super) fn column_type(oid: u32, modifier: i32) -> Option<ColumnType> {
    // Lengths are stored with the four bytes of the old varlena header.
    let length = (modifier >= 4).then(|| (modifier - 4) as u32);
    let precision = (modifier >= 0).then_some(modifier as u32);
    let numeric = length.map(|packed| (packed >> 16, (packed & 0x7ff) as i32));
    let scalar = match oid {
        16 => ColumnType::SqlBoolean,
        17 => ColumnType::Pg("BYTEA".into()),
        18 | 19 => ColumnType::String { length: None, collation: None },
        20 => ColumnType::SqlBigint,
        21 => ColumnType::SqlSmallint,
        23 => ColumnType::SqlInteger,
        25 => ColumnType::SqlText { length: None, collation: None },
        26 => ColumnType::Pg("OID".into()),
        114 => ColumnType::SqlJson,
        650 => ColumnType::Pg("CIDR".into()),
        700 => ColumnType::SqlReal { precision: None, scale: None },
        701 => ColumnType::SqlDoublePrecision {
            precision: Some(53),
            scale: None,
        },
        774 => ColumnType::Pg("MACADDR8".into()),
        790 => ColumnType::Pg("MONEY".into()),
        829 => ColumnType::Pg("MACADDR".into()),
        869 => ColumnType::Pg("INET".into()),
        1042 => ColumnType::SqlChar { length, collation: None },
        1043 => ColumnType::SqlVarchar { length, collation: None },
        1082 => ColumnType::SqlDate,
        1083 | 1266 => ColumnType::SqlTime {
            timezone: oid == 1266,
            precision,
        },
        1114 | 1184 => ColumnType::SqlTimestamp {
            timezone: oid == 1184,
            precision,
        },
        1186 => ColumnType::PgInterval { fields: None, precision: None },
        1560 | 1562 => ColumnType::PgBit {
            length: precision.filter(|bits| *bits > 0),
            varying: oid == 1562,
        },
        1700 => ColumnType::SqlNumeric {
            precision: numeric.map(|(precision, _)| precision),
            scale: numeric.map(|(_, scale)| scale),
        },
        2205 => ColumnType::Pg("REGCLASS".into()),
        2950 => ColumnType::SqlUuid,
        3614 => ColumnType::Pg("TSVECTOR".into()),
        3615 => ColumnType::Pg("TSQUERY".into()),
        3802 => ColumnType::Pg("JSONB".into()),
        3904 => ColumnType::Pg("INT4RANGE".into()),
        3906 => ColumnType::Pg("NUMRANGE".into()),
        3908 => ColumnType::Pg("TSRANGE".into()),
        3910 => ColumnType::Pg("TSTZRANGE".into()),
        3912 => ColumnType::Pg("DATERANGE".into()),
        3926 => ColumnType::Pg("INT8RANGE".into()),
        _ => {
            return Some(ColumnType::Array {
                item: Box::new(column_type(element(oid)?, modifier)?),
                dimensions: None,
            });
        }
    };
    Some(scalar)
}

/// The element type of a built-in array type.
fn element(oid: u32) -> Option<u32> {
    const ELEMENTS: &[(u32, u32)] = &[
        (1000, 16),
        (1001, 17),
        (1002, 18),
        (1003, 19),
        (1016, 20),
        (1005, 21),
        (1007, 23),
        (1009, 25),
        (1028, 26),
        (199, 114),
        (651, 650),
        (1021, 700),
        (1022, 701),
        (775, 774),
        (791, 790),
        (1040, 829),
        (1041, 869),
        (1014, 1042),
        (1015, 1043),
        (1182, 1082),
        (1183, 1083),
        (1270, 1266),
        (1115, 1114),
        (1185, 1184),
        (1187, 1186),
        (1561, 1560),
        (1563, 1562),
        (1231, 1700),
        (2210, 2205),
        (2951, 2950),
        (3643, 3614),
        (3645, 3615),
        (3807, 3802),
        (3905, 3904),
        (3907, 3906),
        (3909, 3908),
        (3911, 3910),
        (3913, 3912),
        (3927, 3926),
    ];
    ELEMENTS.iter().find(|(array, _)| *array == oid).map(|(_, element)| *element)
}
