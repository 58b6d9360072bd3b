"""`logging.handlers`: names; every record appears with Limbeck's own."""

from logging import Handler


class _Silent(Handler):
    def __init__(self, *arguments, **keywords):
        Handler.__init__(self)


class RotatingFileHandler(_Silent):
    pass


class TimedRotatingFileHandler(_Silent):
    pass


class WatchedFileHandler(_Silent):
    pass


class SysLogHandler(_Silent):
    LOG_USER = LOG_DAEMON = LOG_LOCAL0 = LOG_LOCAL1 = 0


class QueueHandler(_Silent):
    pass


class QueueListener:
    def __init__(self, *arguments, **keywords):
        pass

    def start(self):
        pass

    stop = start


class SMTPHandler(_Silent):
    pass


class HTTPHandler(_Silent):
    pass


class SocketHandler(_Silent):
    pass


class MemoryHandler(_Silent):
    pass
