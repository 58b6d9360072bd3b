"""`subprocess`: migration scripts cannot start programs."""

PIPE, STDOUT, DEVNULL = -1, -2, -3


class SubprocessError(Exception):
    pass


class CalledProcessError(SubprocessError):
    pass


class TimeoutExpired(SubprocessError):
    pass


def run(*arguments, **keywords):
    raise PermissionError("migration scripts cannot start programs (subprocess)")


call = check_call = check_output = getoutput = getstatusoutput = run


class Popen:
    def __init__(self, *arguments, **keywords):
        run()


class CompletedProcess:
    pass
