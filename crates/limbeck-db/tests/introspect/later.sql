-- What came after PostgreSQL 10: the number of a line's version stands before it.
11 CREATE PROCEDURE app.work(INOUT a int) LANGUAGE plpgsql AS 'BEGIN a := 1; END'
11 CREATE TABLE app.part (id int, at date, PRIMARY KEY (id, at)) PARTITION BY HASH (id)
11 CREATE TABLE app.part_0 PARTITION OF app.part FOR VALUES WITH (MODULUS 2, REMAINDER 0)
11 CREATE TABLE app.part_1 PARTITION OF app.part FOR VALUES WITH (MODULUS 2, REMAINDER 1)
11 CREATE INDEX part_at ON app.part (at) INCLUDE (id)
11 CREATE TRIGGER part_touch AFTER UPDATE ON app.part FOR EACH ROW EXECUTE PROCEDURE app.touch()
11 CREATE TABLE app.log_rest PARTITION OF app.log DEFAULT
12 CREATE TABLE app.computed (a int, b int GENERATED ALWAYS AS (a * 2) STORED)
12 CREATE COLLATION app.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)
12 ALTER TABLE app.part ADD FOREIGN KEY (id) REFERENCES app.region
14 ALTER TABLE app.thing ALTER COLUMN name SET COMPRESSION pglz
14 CREATE FUNCTION app.sum2(a int, b int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a + b + (SELECT count(*)::int FROM app.region); END
14 CREATE STATISTICS app.thing_expr ON (lower(name)), price FROM app.thing
15 ALTER TABLE app.region ADD UNIQUE NULLS NOT DISTINCT (id, name)
15 CREATE PUBLICATION pub15 FOR TABLE app.region (id) WHERE (id > 5)
18 CREATE TABLE app.virtual (a int CONSTRAINT a_there NOT NULL NO INHERIT, b int GENERATED ALWAYS AS (a * 2) VIRTUAL)
18 CREATE TABLE app.soft (a int, CONSTRAINT soft_check CHECK (a > 0) NOT ENFORCED)
