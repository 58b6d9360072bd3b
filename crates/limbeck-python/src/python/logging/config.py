"""`logging.config`: the levels of loggers; where records go is Limbeck's own business."""

import logging

import _limbeck


def fileConfig(fname, defaults=None, disable_existing_loggers=True, encoding=None):
    _limbeck.record("log_config", {"file": str(fname) if isinstance(fname, str) or hasattr(fname, "__fspath__") else None})
    sections = _limbeck.context.get("config", {}).get("sections", {}) if _limbeck.context else {}
    for name, section in sections.items():
        if name.startswith("logger_") and section.get("level"):
            logger = logging.getLogger(section.get("qualname") if name != "logger_root" else None)
            logger.setLevel(section["level"].strip())


def dictConfig(config):
    loggers = dict(config.get("loggers") or {})
    if config.get("root"):
        loggers[None] = config["root"]
    for name, section in loggers.items():
        if section.get("level"):
            logging.getLogger(name or None).setLevel(section["level"])


def listen(*arguments, **keywords):
    raise PermissionError("migration scripts cannot open connections (logging.config.listen)")


def stopListening():
    pass
