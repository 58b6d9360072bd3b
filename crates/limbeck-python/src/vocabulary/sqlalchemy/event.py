"""Events: accepted, and never fired, because no driver of Python's is behind a migration."""


def listen(target, identifier, fn, *args, **kw):
    _remember(target, identifier, fn)


def listens_for(target, identifier, *args, **kw):
    def decorate(function):
        _remember(target, identifier, function)
        return function

    return decorate


def _remember(target, identifier, function):
    import _limbeck

    if _limbeck.context.get("learn"):
        _limbeck.record("event", {"identifier": str(identifier), "function": getattr(function, "__name__", "function")})


def remove(target, identifier, fn):
    pass


def contains(target, identifier, fn):
    return False
