"""Variants for other databases: types that are only mentioned, each with its own arguments."""

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

metadata = sa.MetaData()


def table(name, types, dialect, base=sa.String):
    columns = [sa.Column("c%d" % number, base().with_variant(type_, dialect)) for number, type_ in enumerate(types)]
    sa.Table(name, metadata, *columns)


table(
    "in_mssql",
    [
        mssql.NVARCHAR(50), mssql.NVARCHAR(collation="Latin1_General_CI_AS", length=20), mssql.VARCHAR(10, collation="SQL_Latin1_General_CP1_CS_AS"),
        mssql.CHAR(3), mssql.NCHAR(4), mssql.TEXT(), mssql.NTEXT(), mssql.NTEXT(7), mssql.XML(), mssql.BIT(), mssql.DATETIME2(3), mssql.DATETIME2(precision=7),
        mssql.DATETIMEOFFSET(6), mssql.DATETIMEOFFSET(), mssql.SMALLDATETIME(), mssql.SMALLDATETIME(timezone=True), mssql.DATETIME(), mssql.TIME(4),
        mssql.TIME(), mssql.DATE(), mssql.IMAGE(), mssql.MONEY(), mssql.SMALLMONEY(), mssql.ROWVERSION(), mssql.ROWVERSION(convert_int=True),
        mssql.TIMESTAMP(convert_int=True), mssql.SQL_VARIANT(), mssql.TINYINT(), mssql.UNIQUEIDENTIFIER(), mssql.UNIQUEIDENTIFIER(as_uuid=False),
        mssql.VARBINARY("max"), mssql.VARBINARY(20), mssql.VARBINARY("max", filestream=True), mssql.BINARY(8), mssql.JSON(), mssql.JSON(none_as_null=True),
        mssql.REAL(), mssql.DOUBLE_PRECISION(), mssql.FLOAT(24), mssql.BIGINT(), mssql.INTEGER(), mssql.SMALLINT(), mssql.DECIMAL(9, 2),
        mssql.NUMERIC(precision=5), mssql.VARCHAR(None), mssql.NVARCHAR("max"),
    ],
    "mssql",
)  # fmt: skip
table(
    "in_oracle",
    [
        oracle.NUMBER(), oracle.NUMBER(10), oracle.NUMBER(10, 2), oracle.NUMBER(precision=10, scale=2, asdecimal=False), oracle.VARCHAR2(30), oracle.VARCHAR(30),
        oracle.NVARCHAR2(40), oracle.NVARCHAR(40), oracle.CHAR(2), oracle.NCHAR(2), oracle.BFILE(), oracle.BLOB(), oracle.CLOB(), oracle.NCLOB(),
        oracle.DATE(), oracle.DATE(timezone=True), oracle.TIMESTAMP(timezone=True), oracle.TIMESTAMP(local_timezone=True), oracle.INTERVAL(day_precision=3),
        oracle.INTERVAL(), oracle.LONG(), oracle.RAW(16), oracle.ROWID(), oracle.BINARY_DOUBLE(), oracle.BINARY_DOUBLE(53), oracle.BINARY_FLOAT(),
        oracle.DOUBLE_PRECISION(), oracle.FLOAT(), oracle.FLOAT(binary_precision=126), oracle.REAL(), oracle.BOOLEAN(),
    ],
    "oracle",
)  # fmt: skip
table(
    "in_mysql",
    [
        mysql.VARCHAR(10), mysql.VARCHAR(128, collation="utf8mb4_bin"), mysql.VARCHAR(charset="utf8mb4", length=5), mysql.VARCHAR(5, national=True),
        mysql.CHAR(36), mysql.CHAR(3, binary=True), mysql.NVARCHAR(4), mysql.NCHAR(4), mysql.TEXT(), mysql.TEXT(200), mysql.TEXT(collation="utf8mb4_bin"),
        mysql.TINYTEXT(), mysql.MEDIUMTEXT(), mysql.LONGTEXT(charset="latin1"), mysql.LONGTEXT(unicode=True), mysql.LONGTEXT(ascii=True), mysql.INTEGER(),
        mysql.INTEGER(11), mysql.INTEGER(unsigned=True), mysql.INTEGER(display_width=10, unsigned=True, zerofill=True), mysql.TINYINT(1), mysql.MEDIUMINT(),
        mysql.SMALLINT(unsigned=True), mysql.BIGINT(20, unsigned=True), mysql.YEAR(4), mysql.YEAR(), mysql.BIT(5), mysql.BIT(), mysql.DECIMAL(10, 2),
        mysql.DECIMAL(), mysql.NUMERIC(10, 2, asdecimal=False), mysql.DECIMAL(5, unsigned=True), mysql.FLOAT(), mysql.FLOAT(12), mysql.FLOAT(12, 3),
        mysql.FLOAT(asdecimal=True), mysql.DOUBLE(), mysql.DOUBLE(53, 3), mysql.DOUBLE(asdecimal=False), mysql.REAL(), mysql.REAL(8, 3), mysql.DATETIME(),
        mysql.DATETIME(fsp=6), mysql.DATETIME(timezone=True), mysql.TIMESTAMP(fsp=3), mysql.TIME(fsp=2), mysql.DATE(), mysql.BOOLEAN(), mysql.BLOB(),
        mysql.BLOB(100), mysql.TINYBLOB(), mysql.MEDIUMBLOB(), mysql.LONGBLOB(), mysql.BINARY(16), mysql.VARBINARY(255), mysql.JSON(),
        mysql.ENUM("a", "b"), mysql.ENUM("a", "b", charset="latin1"), mysql.ENUM("a", name="e"), mysql.SET("a", "b"), mysql.SET("a", "b", collation="utf8mb4_bin"),
        mysql.SET("a", retrieve_as_bitwise=True), mysql.INET4(), mysql.INET6(),
    ],
    "mysql",
)  # fmt: skip
table(
    "in_sqlite",
    [
        sqlite.DATETIME(), sqlite.DATETIME(truncate_microseconds=True), sqlite.DATE(), sqlite.TIME(), sqlite.JSON(), sqlite.INTEGER(), sqlite.VARCHAR(3),
        sqlite.NUMERIC(3, 1), sqlite.BLOB(), sqlite.TIMESTAMP(), sqlite.REAL(), sqlite.FLOAT(5),
    ],
    "sqlite",
)  # fmt: skip
table(
    "in_postgresql",
    [
        postgresql.JSONB(), postgresql.JSONB(none_as_null=True), postgresql.JSON(astext_type=sa.String(5)), postgresql.ARRAY(sa.String(5)),
        postgresql.ARRAY(postgresql.UUID(as_uuid=False), dimensions=2), postgresql.ARRAY(sa.Integer, as_tuple=True, zero_indexes=True), postgresql.HSTORE(),
        postgresql.HSTORE(text_type=sa.String()), postgresql.BIT(3), postgresql.BIT(5, varying=True), postgresql.BIT(varying=True), postgresql.BYTEA(),
        postgresql.BYTEA(10), postgresql.INTERVAL(), postgresql.INTERVAL(fields="DAY TO SECOND", precision=3),
        postgresql.TIMESTAMP(precision=3), postgresql.TIMESTAMP(timezone=True), postgresql.TIME(precision=2), postgresql.TIME(timezone=True), postgresql.CITEXT(),
        postgresql.CITEXT(collation="C"), postgresql.UUID(),
        postgresql.UUID(as_uuid=False), postgresql.TSVECTOR(), postgresql.INT4RANGE(), postgresql.DATEMULTIRANGE(), postgresql.DOUBLE_PRECISION(53),
        postgresql.DOUBLE_PRECISION(asdecimal=True), postgresql.FLOAT(24), postgresql.REAL(), postgresql.NUMERIC(5, 2, asdecimal=False), postgresql.OID(),
        postgresql.MONEY(), postgresql.REGCLASS(), postgresql.VARCHAR(3), postgresql.MACADDR8(),
        postgresql.JSONPATH(),
    ],
    "postgresql",
)  # fmt: skip
table(
    "core",
    [
        sa.Uuid(as_uuid=False), sa.Uuid(native_uuid=False), sa.UUID(), sa.UUID(as_uuid=False), sa.Interval(), sa.Interval(native=False),
        sa.Interval(second_precision=3, day_precision=2), sa.Enum("a", "b"), sa.Enum("a", "b", name="e3", native_enum=False, length=20),
        sa.Enum("a", name="e4", validate_strings=True, create_constraint=True, native_enum=False), sa.Float(asdecimal=True), sa.Float(53), sa.Double(),
        sa.Numeric(5, 2, asdecimal=False), sa.Numeric(decimal_return_scale=4), sa.String(5, collation="C"), sa.JSON(none_as_null=True), sa.ARRAY(sa.Integer()),
        sa.ARRAY(sa.Integer, dimensions=2, zero_indexes=True), sa.PickleType(), sa.LargeBinary(10), sa.Boolean(name="b1", create_constraint=True),
        sa.NVARCHAR(5), sa.CLOB(), sa.BINARY(3), sa.VARBINARY(), sa.TIMESTAMP(True), sa.DECIMAL(4), sa.REAL(), sa.DOUBLE(),
    ],
    "firebird",
)  # fmt: skip
