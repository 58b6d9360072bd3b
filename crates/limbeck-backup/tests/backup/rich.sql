-- A database with a little of everything that PostgreSQL has: types, objects, properties. Roles are made by the test.
SET client_min_messages = warning;
CREATE SCHEMA "we""ird schema";
CREATE EXTENSION hstore;
CREATE EXTENSION pg_trgm SCHEMA "we""ird schema";
CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
CREATE TYPE pair AS (a integer, b text);
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE float_range AS RANGE (subtype = float8, subtype_diff = float8mi);

CREATE TABLE numbers (a smallint, b integer, c bigint, d numeric(30, 10), e numeric, f real, g double precision, h money, i oid, j positive);
INSERT INTO numbers VALUES (-32768, 2147483647, -9223372036854775808, 12345678901234567890.0123456789, 'NaN', 'Infinity', '-Infinity', 12.34, 4294967295, 1),
  (0, 0, 0, 0, 1e100, 1.17549435e-38, 1.7976931348623157e308, -0.01, 0, NULL);
CREATE TABLE texts (a text, b varchar(20), c char(5), d "char", e name, f bytea, g text, h xml, i json, j jsonb, k jsonpath, l tsvector, m tsquery, n hstore);
INSERT INTO texts (a, b, c, d, e, f, h, i, j, k, l, m, n) VALUES
  ('\.', E'tab\tnew\nline\\back', 'ab', 'x', 'name', '\x00ff5c', '<a b="1">ü</a>', '{"a":  1}', '{"b": [1, null]}', '$.a[*] ? (@ > 1)', 'a:1 b:2A', 'a & !b', 'k=>v, "n u"=>NULL'),
  ('COMMIT;', E'\\connect other', '', '', '', '', NULL, 'null', '"x"', NULL, '', NULL, ''),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (repeat('long ', 100000), 'ünïcödé 日本語 🐘', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE lines (line text);
INSERT INTO lines VALUES ('BEGIN;'), ('COMMIT;'), ('\.'), ('\connect template1'), ('-- PostgreSQL database dump complete'), ('$$'), (''''), (E'\r');
CREATE TABLE times (a date, b time, c timetz, d timestamp, e timestamptz, f interval);
INSERT INTO times VALUES ('4713-01-01 BC', '24:00', '12:00:00.123456+05:30', 'infinity', '-infinity', '1 year 2 mons -3 days 04:05:06.7'),
  ('5874897-12-31', '00:00', '00:00-12', '294276-12-31 23:59:59.999999', '2026-03-29 02:30:00+01', '-178000000 years');
CREATE TABLE shapes (a point, b line, c lseg, d box, e path, f polygon, g circle, h inet, i cidr, j macaddr, k macaddr8, l bit(3), m bit varying, n uuid, o boolean);
INSERT INTO shapes VALUES ('(1,-2.5)', '{1,2,3}', '[(0,0),(1,1)]', '((1,1),(0,0))', '[(0,0),(1,1)]', '((0,0),(1,1),(1,0))', '<(0,0),5>', '::ffff:1.2.3.4/120', '10.0.0.0/8', '08:00:2b:01:02:03',
  '08:00:2b:01:02:03:04:05', B'101', B'', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', true);
CREATE TABLE nested (a integer[], b text[][], c pair, d pair[], e mood, f mood[], g int4range, h numrange, i tstzrange, j float_range, k daterange, l pg_lsn, m regclass, n int2vector, o refcursor);
INSERT INTO nested VALUES ('[0:2]={1,NULL,3}', '{{a,"b,c"},{"NULL",NULL}}', '(1,"x""y")', '{"(1,a)","(,)"}', 'it''s ok', '{sad,happy}', '[1,5)', '(,)', 'empty', '[1.5,2.5]', '[2026-01-01,)', '16/B374D848', 'numbers', '1 2', 'cursor');
CREATE TABLE "T able" ("Co""l" integer PRIMARY KEY, "line
break" text DEFAULT E'a\nb;');
INSERT INTO "T able" VALUES (1, DEFAULT);

CREATE SEQUENCE down INCREMENT BY -3 MINVALUE -100 MAXVALUE 10 START 10 CYCLE;
SELECT nextval('down'), nextval('down');
CREATE SEQUENCE untouched START 7;
CREATE TABLE people (id serial PRIMARY KEY, number bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 5), name text NOT NULL COLLATE "C", lower text GENERATED ALWAYS AS (lower(name)) STORED,
  boss integer REFERENCES people DEFERRABLE INITIALLY DEFERRED, span int4range, CHECK (name <> ''), EXCLUDE USING gist (span WITH &&));
INSERT INTO people (name, boss, span) SELECT 'Name ' || n, nullif(n - 1, 0), int4range(n * 10, n * 10 + 5) FROM generate_series(1, 50) n;
ALTER TABLE people ADD CONSTRAINT later CHECK (id < 1000) NOT VALID;
CREATE INDEX people_lower ON people (lower DESC NULLS LAST) WHERE boss IS NOT NULL;
CREATE UNIQUE INDEX ON people (number) INCLUDE (name);
CREATE STATISTICS people_stats ON name, boss FROM people;
ALTER TABLE people CLUSTER ON people_pkey;
ALTER TABLE people REPLICA IDENTITY FULL;
CREATE UNLOGGED TABLE fast (a integer) WITH (fillfactor = 70);
INSERT INTO fast VALUES (1);

CREATE TABLE events (at date NOT NULL, kind text, value integer) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (kind);
CREATE TABLE events_2025_a PARTITION OF events_2025 FOR VALUES IN ('a', 'b');
CREATE TABLE events_2025_rest PARTITION OF events_2025 DEFAULT;
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE) PARTITION BY HASH (value);
CREATE TABLE events_2026_0 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_2026_1 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX ON events (kind);
INSERT INTO events SELECT '2025-06-01'::date + n, chr(97 + n % 4), n FROM generate_series(1, 400) n;
CREATE TABLE parent (a integer);
CREATE TABLE child (b text) INHERITS (parent);
INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 'x');

CREATE VIEW names AS SELECT id, name FROM people WHERE boss IS NULL WITH CHECK OPTION;
CREATE MATERIALIZED VIEW totals AS SELECT kind, sum(value) FROM events GROUP BY kind;
CREATE UNIQUE INDEX ON totals (kind);
CREATE MATERIALIZED VIEW later_totals AS SELECT 1 AS one WITH NO DATA;
CREATE FUNCTION add(a integer, b integer) RETURNS integer LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT CASE WHEN a IS NULL THEN b ELSE a + b END; END;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  -- COMMIT;
  NEW.name := NEW.name || '; COMMIT;
COMMIT;
';
  RETURN NEW;
END;
$body$;
CREATE PROCEDURE finish() LANGUAGE plpgsql AS $$
BEGIN
COMMIT;
END;
$$;
CREATE AGGREGATE total (integer) (SFUNC = add, STYPE = integer, INITCOND = '0');
CREATE FUNCTION same(a pair, b pair) RETURNS boolean LANGUAGE sql AS 'SELECT a.a = b.a';
CREATE OPERATOR === (LEFTARG = pair, RIGHTARG = pair, FUNCTION = same);
CREATE CAST (pair AS text) WITH INOUT;
CREATE TRIGGER touched BEFORE INSERT ON people FOR EACH ROW WHEN (NEW.name <> 'x') EXECUTE FUNCTION touch();
ALTER TABLE people DISABLE TRIGGER touched;
CREATE RULE quiet AS ON DELETE TO fast DO INSTEAD NOTHING;
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION on_ddl();
CREATE COLLATION "de-at" (provider = icu, locale = 'de-AT');
CREATE TEXT SEARCH CONFIGURATION plain_words (COPY = simple);
CREATE PUBLICATION everything FOR TABLE people, numbers;
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost', dbname 'x');
CREATE FOREIGN TABLE far (a integer) SERVER elsewhere OPTIONS (table_name 't');
CREATE TABLE "we""ird schema"."COPY" (a text);
INSERT INTO "we""ird schema"."COPY" VALUES ('a'), ('\.');

ALTER TABLE people ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON people FOR SELECT TO limbeck_reader USING (id < 10);
GRANT SELECT, INSERT ON people TO limbeck_reader WITH GRANT OPTION;
GRANT UPDATE (name) ON people TO limbeck_writer;
GRANT USAGE ON SCHEMA "we""ird schema" TO limbeck_reader;
ALTER TABLE numbers OWNER TO limbeck_writer;
REVOKE EXECUTE ON FUNCTION add(integer, integer) FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO limbeck_reader;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE limbeck_writer GRANT USAGE ON SEQUENCES TO limbeck_reader WITH GRANT OPTION;
COMMENT ON TABLE people IS 'It''s; a "comment"
over lines';
COMMENT ON COLUMN people.name IS 'COMMIT;';
COMMENT ON CONSTRAINT later ON people IS 'c';
COMMENT ON SCHEMA "we""ird schema" IS 's';

SELECT lo_from_bytea(47110, decode('00ff5c27', 'hex'));
SELECT lo_from_bytea(47111, convert_to(repeat('large ', 5000), 'UTF8'));
ALTER LARGE OBJECT 47111 OWNER TO limbeck_writer;
GRANT SELECT ON LARGE OBJECT 47111 TO limbeck_reader;
COMMENT ON LARGE OBJECT 47110 IS 'lo';

CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('ab12'), ('cd34');
