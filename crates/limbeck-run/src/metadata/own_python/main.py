# ---- the conversation
def failure(error):
    import traceback

    library = os.path.dirname(os.__file__) + os.sep
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(("<", library)) and not any(part in frame.filename for part in ("site-packages", "dist-packages"))]
    last = own[-1] if own else None
    kind = type(error)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    return {"error": {"exception": name, "message": str(error), "file": last and last.filename, "line": last and last.lineno, "source": last and last.line}}


def functions_of(found):
    return any(callable(found.opts.get(name)) for name in FUNCTIONS)


def answer(asked, request):
    kind, (number, *said) = tagged(request)
    target = asked[number]
    if kind == "reflected":
        target.reflected = tables_from(said[0], target.dialect)
        return None
    return [target.ask(question) for question in said[0]] if kind == "ask" else Revision(target).run(*said)


def main():
    lacking()
    request = LINE.request()
    sys.path[:0] = request["sys_path"]
    sys.path.append(request["folder"])
    asked = []
    try:
        SEEN.watch()
        found = evaluate(request)
        describe = target if request["need"] == "models" else environment_target
        LINE.answer({"ok": [{"targets": [describe(one) for one in found], "log_config": LOGGED[-1] if LOGGED else None}, SEEN.data()]})
        if any(map(functions_of, found)):
            asked = [Asked(one) for one in found]
    except BaseException as error:
        LINE.answer(failure(error))
    while asked:
        request = LINE.request()
        if request is None:
            break
        try:
            LINE.answer({"ok": answer(asked, request)})
        except BaseException as error:
            LINE.answer(failure(error))
    os._exit(0)


def lacking():
    """Says it where this Python cannot read any models. What of the project has such a name comes later in the search path."""
    for name in ("sqlalchemy", "alembic"):
        try:
            __import__(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            LINE.request()
            LINE.answer({"unfit": "has no package `%s`" % name})
            os._exit(0)


main()
