"""A small `logging`: loggers, levels, and one output that Limbeck shows. Handlers and formatters can be made and are asked nothing."""

import sys
import time

import _limbeck

CRITICAL = FATAL = 50
ERROR = 40
WARNING = WARN = 30
INFO = 20
DEBUG = 10
NOTSET = 0
BASIC_FORMAT = "%(levelname)s:%(name)s:%(message)s"
raiseExceptions = True
_names = {50: "CRITICAL", 40: "ERROR", 30: "WARNING", 20: "INFO", 10: "DEBUG", 0: "NOTSET"}
_levels = {"CRITICAL": 50, "FATAL": 50, "ERROR": 40, "WARNING": 30, "WARN": 30, "INFO": 20, "DEBUG": 10, "NOTSET": 0}
_disabled = 0


def getLevelName(level):
    if level in _names:
        return _names[level]
    return _levels.get(level, "Level %s" % level)


def getLevelNamesMapping():
    return dict(_levels)


def addLevelName(level, name):
    _names[level] = name
    _levels[name] = level


def _level(level):
    if isinstance(level, int):
        return level
    if level not in _levels:
        raise ValueError("Unknown level: %r" % (level,))
    return _levels[level]


class LogRecord:
    def __init__(self, name, level, pathname, lineno, msg, args, exc_info, func=None, sinfo=None, **keywords):
        self.name = name
        self.msg = msg
        self.args = args[0] if args and len(args) == 1 and isinstance(args[0], dict) and args[0] else args
        self.levelname = getLevelName(level)
        self.levelno = level
        self.pathname = self.filename = pathname
        self.module = name
        self.lineno = lineno
        self.funcName = func
        self.exc_info = exc_info
        self.exc_text = None
        self.stack_info = sinfo
        self.created = time.time()
        self.process = 1
        self.thread = 1
        self.threadName = "MainThread"
        self.processName = "MainProcess"

    def getMessage(self):
        message = str(self.msg)
        if self.args:
            message = message % self.args
        return message


def makeLogRecord(values):
    record = LogRecord(None, NOTSET, "", 0, "", (), None)
    record.__dict__.update(values)
    return record


class Filterer:
    def __init__(self):
        self.filters = []

    def addFilter(self, filter):
        self.filters.append(filter)

    def removeFilter(self, filter):
        if filter in self.filters:
            self.filters.remove(filter)

    def filter(self, record):
        for each in self.filters:
            accepted = each.filter(record) if hasattr(each, "filter") else each(record)
            if not accepted:
                return False
        return True


class Filter:
    def __init__(self, name=""):
        self.name = name

    def filter(self, record):
        return not self.name or record.name == self.name or record.name.startswith(self.name + ".")


class Formatter:
    default_time_format = "%Y-%m-%d %H:%M:%S"
    converter = time.localtime

    def __init__(self, fmt=None, datefmt=None, style="%", validate=True, *, defaults=None):
        self._fmt = fmt or "%(message)s"
        self.datefmt = datefmt

    def formatTime(self, record, datefmt=None):
        return time.strftime(datefmt or self.default_time_format, time.localtime(record.created))

    def formatException(self, exc_info):
        return "%s: %s" % (exc_info[0].__name__, exc_info[1])

    def format(self, record):
        record.message = record.getMessage()
        if "%(asctime)" in self._fmt:
            record.asctime = self.formatTime(record, self.datefmt)
        text = self._fmt % record.__dict__
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


class Handler(Filterer):
    """A destination. Records of handlers that a script makes itself are handed to `emit`; Limbeck shows every record once anyway."""

    def __init__(self, level=NOTSET):
        Filterer.__init__(self)
        self.level = _level(level)
        self.formatter = None
        self.name = None

    def setLevel(self, level):
        self.level = _level(level)

    def setFormatter(self, formatter):
        self.formatter = formatter

    def format(self, record):
        return (self.formatter or Formatter()).format(record)

    def createLock(self):
        self.lock = None

    def acquire(self):
        pass

    release = flush = close = acquire

    def emit(self, record):
        pass

    def handle(self, record):
        if record.levelno >= self.level and self.filter(record):
            self.emit(record)

    def handleError(self, record):
        pass


class StreamHandler(Handler):
    """Writes to the stream that it was given; to the standard streams Limbeck writes itself."""

    terminator = "\n"

    def __init__(self, stream=None):
        Handler.__init__(self)
        self.stream = stream or sys.stderr

    def setStream(self, stream):
        previous, self.stream = self.stream, stream
        return previous

    def emit(self, record):
        if self.stream not in (sys.stderr, sys.stdout):
            self.stream.write(self.format(record) + self.terminator)


class NullHandler(Handler):
    pass


class FileHandler(Handler):
    """Limbeck writes no files for scripts: the records appear with all others."""

    def __init__(self, filename, mode="a", encoding=None, delay=False, errors=None):
        Handler.__init__(self)
        self.baseFilename = filename


class Logger(Filterer):
    def __init__(self, name, level=NOTSET):
        Filterer.__init__(self)
        self.name = name
        self.level = _level(level)
        self.parent = None
        self.propagate = True
        self.handlers = []
        self.disabled = False
        self.manager = Logger.manager

    def setLevel(self, level):
        self.level = _level(level)

    def getEffectiveLevel(self):
        logger = self
        while logger is not None:
            if logger.level:
                return logger.level
            logger = logger.parent
        return NOTSET

    def isEnabledFor(self, level):
        return not self.disabled and level > _disabled and level >= self.getEffectiveLevel()

    def getChild(self, suffix):
        return getLogger(suffix if self.name == "root" else self.name + "." + suffix)

    def getChildren(self):
        return {logger for logger in _loggers.values() if logger.parent is self}

    def addHandler(self, handler):
        if handler not in self.handlers:
            self.handlers.append(handler)

    def removeHandler(self, handler):
        if handler in self.handlers:
            self.handlers.remove(handler)

    def hasHandlers(self):
        logger = self
        while logger is not None:
            if logger.handlers:
                return True
            logger = logger.parent
        return False

    def callHandlers(self, record):
        logger = self
        while logger is not None:
            for handler in logger.handlers:
                handler.handle(record)
            if not logger.propagate:
                break
            logger = logger.parent

    def handle(self, record):
        if self.disabled or not self.filter(record):
            return
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + Formatter().formatException(record.exc_info)
        _limbeck.log(record.levelno, self.name, text)
        self.callHandlers(record)

    def makeRecord(self, name, level, fn, lno, msg, args, exc_info, func=None, extra=None, sinfo=None):
        record = LogRecord(name, level, fn, lno, msg, args, exc_info, func, sinfo)
        if extra:
            record.__dict__.update(extra)
        return record

    def _log(self, level, msg, args, exc_info=None, extra=None, stack_info=False, stacklevel=1):
        if exc_info:
            if isinstance(exc_info, BaseException):
                exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
            elif not isinstance(exc_info, tuple):
                exc_info = sys.exc_info()
            if exc_info[0] is None:
                exc_info = None
        path, line, _ = _limbeck.place()
        self.handle(self.makeRecord(self.name, level, path, line, msg, args, exc_info or None, None, extra))

    def log(self, level, msg, *args, **keywords):
        if self.isEnabledFor(level):
            self._log(level, msg, args, **keywords)

    def debug(self, msg, *args, **keywords):
        self.log(DEBUG, msg, *args, **keywords)

    def info(self, msg, *args, **keywords):
        self.log(INFO, msg, *args, **keywords)

    def warning(self, msg, *args, **keywords):
        self.log(WARNING, msg, *args, **keywords)

    warn = warning

    def error(self, msg, *args, **keywords):
        self.log(ERROR, msg, *args, **keywords)

    def exception(self, msg, *args, exc_info=True, **keywords):
        self.log(ERROR, msg, *args, exc_info=exc_info, **keywords)

    def critical(self, msg, *args, **keywords):
        self.log(CRITICAL, msg, *args, **keywords)

    fatal = critical

    def __repr__(self):
        return "<Logger %s (%s)>" % (self.name, getLevelName(self.getEffectiveLevel()))


class RootLogger(Logger):
    def __init__(self, level):
        Logger.__init__(self, "root", level)


class LoggerAdapter:
    def __class_getitem__(cls, item):
        return cls

    def __init__(self, logger, extra=None, merge_extra=False):
        self.logger = logger
        self.extra = extra

    def process(self, msg, kwargs):
        kwargs["extra"] = self.extra
        return msg, kwargs

    def log(self, level, msg, *args, **keywords):
        if self.logger.isEnabledFor(level):
            msg, keywords = self.process(msg, keywords)
            self.logger.log(level, msg, *args, **keywords)

    def __getattr__(self, name):
        level = _levels.get(name.upper())
        if level is None:
            return getattr(self.logger, name)
        return lambda msg, *args, **keywords: self.log(level, msg, *args, **keywords)


class Manager:
    def __init__(self):
        self.disable = 0

    @property
    def loggerDict(self):
        return _loggers

    def getLogger(self, name):
        return getLogger(name)


Logger.manager = Manager()
root = Logger.root = RootLogger(WARNING)
Logger.manager.root = root
lastResort = _stderr = StreamHandler()
_loggers = {}
_class = Logger


def getLogger(name=None):
    if not name or name == "root":
        return root
    if name not in _loggers:
        logger = _loggers[name] = _class(name)
        parent = name.rpartition(".")[0]
        while parent and parent not in _loggers:
            parent = parent.rpartition(".")[0]
        logger.parent = _loggers.get(parent, root)
        for other, known in _loggers.items():
            if other.startswith(name + ".") and (known.parent is root or name.startswith(known.parent.name + ".")):
                known.parent = logger
    return _loggers[name]


def getLoggerClass():
    return _class


def setLoggerClass(logger_class):
    global _class
    _class = logger_class


def basicConfig(*, level=None, **keywords):
    if level is not None:
        root.setLevel(level)


def disable(level=CRITICAL):
    global _disabled
    _disabled = _level(level)


def log(level, msg, *args, **keywords):
    root.log(level, msg, *args, **keywords)


def debug(msg, *args, **keywords):
    root.debug(msg, *args, **keywords)


def info(msg, *args, **keywords):
    root.info(msg, *args, **keywords)


def warning(msg, *args, **keywords):
    root.warning(msg, *args, **keywords)


warn = warning


def error(msg, *args, **keywords):
    root.error(msg, *args, **keywords)


def exception(msg, *args, exc_info=True, **keywords):
    root.error(msg, *args, exc_info=exc_info, **keywords)


def critical(msg, *args, **keywords):
    root.critical(msg, *args, **keywords)


fatal = critical


def captureWarnings(capture):
    pass


def shutdown(handlers=()):
    pass
