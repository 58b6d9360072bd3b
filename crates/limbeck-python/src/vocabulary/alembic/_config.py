"""The `config` object of env.py."""

import _limbeck


class FileConfig:
    """The part of ConfigParser's interface that env.py files use (`config.file_config`)."""

    def __init__(self, sections, defaults=None):
        self._sections = sections
        self._defaults = defaults if defaults is not None else {}

    def sections(self):
        return list(self._sections)

    def has_section(self, section):
        return section in self._sections

    def has_option(self, section, option):
        return option.lower() in self._sections.get(section, {}) or option.lower() in self._defaults

    def options(self, section):
        return list(self._sections[section])

    def add_section(self, section):
        self._sections[section] = {}

    def set(self, section, option, value):
        self._sections.setdefault(section, {})[option.lower()] = value

    def get(self, section, option, fallback=None, raw=False, vars=None):
        values = self._values(section)
        option = option.lower()
        if vars:
            values = dict(values, **vars)
        if option not in values:
            return fallback
        return values[option] if raw else interpolate(values[option], values)

    def getboolean(self, section, option, fallback=None):
        value = self.get(section, option)
        if value is None:
            return fallback
        return value.lower() in ("1", "yes", "true", "on")

    def getint(self, section, option, fallback=None):
        value = self.get(section, option)
        return fallback if value is None else int(value)

    def items(self, section, raw=False):
        values = self._values(section)
        return [(name, value if raw else interpolate(value, values)) for name, value in values.items()]

    def _values(self, section):
        return dict(self._defaults, **self._sections.get(section, {}))

    def __getitem__(self, section):
        return _Section(self, section)

    def __contains__(self, section):
        return section in self._sections


class _Section:
    def __init__(self, parser, name):
        self._parser, self.name = parser, name

    def get(self, option, fallback=None):
        return self._parser.get(self.name, option, fallback)

    def __getitem__(self, option):
        value = self._parser.get(self.name, option)
        if value is None:
            raise KeyError(option)
        return value

    def __contains__(self, option):
        return self._parser.has_option(self.name, option)

    def keys(self):
        return [name for name, _ in self._parser.items(self.name)]

    def items(self):
        return self._parser.items(self.name)


def interpolate(text, values, depth=0):
    """ConfigParser's `%(name)s` and `%%`."""
    if not isinstance(text, str) or "%" not in text or depth > 10:
        return text
    made = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "%":
            if text.startswith("%%", at):
                made.append("%")
                at += 2
                continue
            end = text.find(")s", at)
            if text.startswith("%(", at) and end != -1:
                name = text[at + 2 : end].lower()
                if name not in values:
                    raise KeyError("Bad value substitution: option %r refers to %r which is not defined" % (text, name))
                made.append(str(interpolate(values[name], values, depth + 1)))
                at = end + 2
                continue
            raise ValueError("'%%' must be followed by '%%' or '(', found: %r" % text[at:])
        made.append(char)
        at += 1
    return "".join(made)


class _Options:
    """`config.cmd_opts`."""

    def __init__(self, values):
        self.__dict__.update(values)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return None


class Config:
    """`alembic.config.Config`."""

    def __init__(self, file_=None, toml_file=None, ini_section="alembic", output_buffer=None, stdout=None, cmd_opts=None, config_args=None, attributes=None):
        self.config_file_name = file_
        self.toml_file_name = toml_file
        self.config_ini_section = ini_section
        self.cmd_opts = cmd_opts
        self.attributes = dict(attributes or {})
        self.output_buffer = output_buffer
        self.stdout = stdout
        self.config_args = config_args or {}
        self.file_config = FileConfig({ini_section: {}})
        if file_ is not None:
            self._read(str(file_))

    def _read(self, path):
        from configparser import RawConfigParser

        parser = RawConfigParser()
        with open(path, encoding="utf-8") as stream:
            parser.read_string(stream.read())
        here = path.rpartition("/")[0] or "."
        sections = {name: {key: value for key, value in parser.items(name)} for name in parser.sections()}
        self.file_config = FileConfig(sections, {"here": here})

    @classmethod
    def _of_run(cls):
        data = _limbeck.context.get("config") or {}
        self = cls.__new__(cls)
        self.config_file_name = data.get("config_file_name")
        self.toml_file_name = data.get("toml_file_name")
        self.config_ini_section = data.get("config_ini_section") or "alembic"
        self.cmd_opts = _Options(dict(data.get("cmd_opts") or {}, x=list(_limbeck.context.get("x_args") or ()) or None))
        self.attributes = {}
        self.output_buffer = None
        self.stdout = None
        self.config_args = {}
        defaults = {}
        if data.get("here"):
            defaults["here"] = data["here"]
        sections = {name: dict(values) for name, values in (data.get("sections") or {}).items()}
        self.file_config = FileConfig(sections, defaults)
        return self

    def get_template_directory(self):
        from sqlalchemy._base import unsupported

        raise unsupported("alembic Config.get_template_directory")

    def get_section(self, name, default=None):
        if not self.file_config.has_section(name):
            return default if default is not None else {}
        return dict(self.file_config.items(name))

    def set_main_option(self, name, value):
        self.set_section_option(self.config_ini_section, name, value)

    def remove_main_option(self, name):
        self.file_config._sections.get(self.config_ini_section, {}).pop(name.lower(), None)

    def set_section_option(self, section, name, value):
        interpolate(value, dict(self.file_config._values(section)))
        self.file_config.set(section, name, value)
        if _limbeck.context.get("learn"):
            _limbeck.record("config_option", {"section": section, "name": name, "value": self.file_config.get(section, name)})

    def get_section_option(self, section, name, default=None):
        return self.file_config.get(section, name, default)

    def get_main_option(self, name, default=None):
        return self.get_section_option(self.config_ini_section, name, default)

    def get_alembic_option(self, name, default=None):
        return self.get_main_option(name, default)

    def get_alembic_boolean_option(self, name):
        return str(self.get_main_option(name)).lower() == "true"

    def get_version_locations_list(self):
        value = self.get_main_option("version_locations")
        return value.split() if value else None

    def get_prepend_sys_paths_list(self):
        value = self.get_main_option("prepend_sys_path")
        return value.split() if value else None

    def print_stdout(self, text, *arg):
        print(str(text) % arg if arg else str(text))

    @property
    def module_config(self):
        return self.file_config
