CREATE TABLE region (id INTEGER NOT NULL, code VARCHAR(10) NOT NULL, title VARCHAR(50), PRIMARY KEY (id), CONSTRAINT uq_region_code UNIQUE (code));
CREATE TABLE customer (
	id INTEGER NOT NULL, 
	email VARCHAR(80) NOT NULL, 
	age INTEGER, 
	balance NUMERIC(10, 2) DEFAULT 0, 
	active BOOLEAN DEFAULT 1, 
	status VARCHAR(20) DEFAULT 'ne''w', 
	region_id INTEGER, 
	created_at DATETIME DEFAULT CURRENT_TIMESTAMP, 
	token CHAR(32) DEFAULT (lower(hex(randomblob(16)))), 
	CONSTRAINT customer_pkey PRIMARY KEY (id), 
	CONSTRAINT uq_customer_email UNIQUE (email), 
	UNIQUE (status, age), 
	CONSTRAINT fk_customer_region FOREIGN KEY(region_id) REFERENCES region (id) ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT ck_customer_age CHECK (age >= 0), 
	CHECK (active IN (0, 1)), 
	CONSTRAINT "a check" CHECK (status IN ('(', ')'))
);
CREATE INDEX ix_customer_status ON customer (status);
CREATE UNIQUE INDEX ix_customer_two ON customer (age, status);
CREATE INDEX ix_customer_lower ON customer (lower(email));
CREATE INDEX ix_customer_part ON customer (email) WHERE age > 3 AND status <> 'x';
CREATE TABLE pair (b VARCHAR(20) NOT NULL, a INTEGER NOT NULL, PRIMARY KEY (a, b));
CREATE TABLE kinds (a BIGINT, b BLOB, c BOOL, d CHAR(5), e DATE, f DATETIME, g DOUBLE, h DECIMAL(5, 1), i FLOAT, j INT, k JSON, l REAL, m SMALLINT, n TEXT, o TIME,
  p TIMESTAMP, q VARCHAR, r NVARCHAR(7), s NCHAR(3), t TINYINT(1), u CLOB, v "LONG VARCHAR", w DOUBLE PRECISION, x MONEY, y, z UNSIGNED BIG INT,
  aa NUMERIC, bb varchar(9), dd FLOAT(24), ee TIMESTAMP(3), ff STRING, gg JSONB, hh UUID, ii DATETIME_CHAR, jj TEXT(12));
CREATE TABLE tree (id INTEGER NOT NULL, parent_id INTEGER, PRIMARY KEY (id), CONSTRAINT fk_tree_parent FOREIGN KEY (parent_id) REFERENCES tree (id));
CREATE TABLE unnamed (id INTEGER NOT NULL PRIMARY KEY, code VARCHAR(5) UNIQUE, n INTEGER UNIQUE, "q" TEXT NOT NULL UNIQUE, rid INTEGER REFERENCES region (id) ON DELETE CASCADE, other INTEGER REFERENCES region, CHECK (id > 0));
CREATE TABLE several (a INTEGER, b INTEGER, c INTEGER, FOREIGN KEY(a) REFERENCES region (id), FOREIGN KEY(b, c) REFERENCES pair (a, b) ON DELETE NO ACTION, CONSTRAINT "fk 3" FOREIGN KEY("c") REFERENCES "tree" ("id") ON DELETE SET DEFAULT NOT DEFERRABLE);
CREATE TABLE inline_names (id INTEGER CONSTRAINT pk_inline PRIMARY KEY, n INTEGER CONSTRAINT ck_inline CHECK (n > 0));
CREATE TABLE generated (
  a INTEGER,
  b INTEGER GENERATED ALWAYS AS (a * 2) VIRTUAL,
  c TEXT GENERATED ALWAYS AS (lower('x')) STORED
);
CREATE TABLE strict_one (id INTEGER PRIMARY KEY, t TEXT) STRICT;
CREATE TABLE rowless (id INTEGER, t TEXT, PRIMARY KEY (id)) WITHOUT ROWID;
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE NOT NULL);
CREATE TABLE "Order Line" ("Line No" INTEGER, "select" VARCHAR(10), CONSTRAINT "Some CK" CHECK ("Line No" > 0),
  CONSTRAINT "Some UQ" UNIQUE ("Line No", "select"));
CREATE INDEX "IX Weird" ON "Order Line" ("select");
CREATE VIEW seen AS SELECT id FROM region;
