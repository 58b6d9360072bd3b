"""A stand-in for the native module: records what the vocabulary asks for."""

context = {"dialect": "postgresql", "driver": "psycopg2", "server_version": [15, 3], "offline": False}
operations = []
queries = []
inspections = []
controls = []
records = []
answers = {}
on_execute = None


def operation(op):
    operations.append(op)


def execute(query):
    queries.append(query)
    if on_execute is not None:
        made = on_execute(query)
        if made is not None:
            return made
    return {"columns": [], "rows": [], "rowcount": 1, "lastrowid": None}


def inspect(what):
    inspections.append(what)
    return answers[repr(what)] if repr(what) in answers else answers.get(what if isinstance(what, str) else what[0])


def control(what):
    controls.append(what)


def record(kind, data):
    records.append((kind, data))


def place():
    return ("script.py", 1)


def set_exceptions(classes):
    pass


def reset():
    for items in (operations, queries, inspections, controls, records):
        items.clear()
    answers.clear()
