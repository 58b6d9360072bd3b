"""Database URLs."""

_UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"


def _quote(text, extra=""):
    made = []
    for byte in str(text).encode("utf-8"):
        char = chr(byte)
        made.append(char if char in _UNRESERVED or char in extra else "%%%02X" % byte)
    return "".join(made)


def _unquote(text):
    if "%" not in text:
        return text
    raw = text.encode("utf-8")
    made = bytearray()
    at = 0
    while at < len(raw):
        if raw[at] == 37 and at + 2 < len(raw):
            try:
                made.append(int(raw[at + 1 : at + 3], 16))
                at += 3
                continue
            except ValueError:
                pass
        made.append(raw[at])
        at += 1
    return made.decode("utf-8", "replace")


class URL:
    """The parts of a URL; changing one gives a new URL."""

    def __init__(self, drivername, username=None, password=None, host=None, port=None, database=None, query=None):
        self.drivername = drivername
        self.username = username
        self.password = password
        self.host = host
        self.port = int(port) if port not in (None, "") else None
        self.database = database
        self.query = dict(query or {})

    @classmethod
    def create(cls, drivername, username=None, password=None, host=None, port=None, database=None, query=None):
        return cls(drivername, username, password, host, port, database, query)

    def set(self, **changes):
        parts = {name: getattr(self, name) for name in ("drivername", "username", "password", "host", "port", "database", "query")}
        parts.update({name: value for name, value in changes.items() if value is not None})
        return URL(**parts)

    _replace = set

    def update_query_dict(self, query_parameters, append=False):
        return self.set(query=dict(self.query, **query_parameters))

    def update_query_pairs(self, key_value_pairs, append=False):
        return self.update_query_dict(dict(key_value_pairs))

    def update_query_string(self, query_string, append=False):
        return self.update_query_dict(dict(part.split("=", 1) for part in query_string.split("&")))

    def difference_update_query(self, names):
        return self.set(query={name: value for name, value in self.query.items() if name not in names})

    def render_as_string(self, hide_password=True):
        text = self.drivername + "://"
        if self.username is not None:
            text += _quote(self.username, " +")
            if self.password is not None:
                text += ":" + ("***" if hide_password else _quote(str(self.password), " +"))
            text += "@"
        if self.host is not None:
            text += "[%s]" % self.host if ":" in self.host else self.host
        if self.port is not None:
            text += ":%d" % self.port
        if self.database is not None:
            text += "/" + _quote(self.database, " +/")
        if self.query:
            pairs = []
            for name in sorted(self.query):
                values = self.query[name]
                for value in values if isinstance(values, (list, tuple)) else [values]:
                    pairs.append("%s=%s" % (_quote(name).replace("%20", "+"), _quote(value).replace("%20", "+")))
            text += "?" + "&".join(pairs)
        return text

    def __str__(self):
        return self.render_as_string(hide_password=True)

    def __repr__(self):
        return self.render_as_string(hide_password=True)

    def __to_string__(self, hide_password=True):
        return self.render_as_string(hide_password)

    def __eq__(self, other):
        return isinstance(other, URL) and self.render_as_string(False) == other.render_as_string(False)

    def __hash__(self):
        return hash(self.render_as_string(False))

    def get_backend_name(self):
        name = self.drivername.split("+")[0]
        return "postgresql" if name == "postgres" else name

    def get_driver_name(self):
        if "+" in self.drivername:
            return self.drivername.split("+", 1)[1]
        return {"postgresql": "psycopg2", "sqlite": "pysqlite", "mysql": "mysqldb", "mariadb": "mysqldb"}.get(self.drivername, self.drivername)

    def get_dialect(self, _is_async=False):
        from importlib import import_module

        return import_module("sqlalchemy.dialects.%s.base" % self.get_backend_name()).dialect

    def translate_connect_args(self, names=None, **kw):
        made = {"host": self.host, "database": self.database, "username": self.username, "password": self.password, "port": self.port}
        return {kw.get(name, name): value for name, value in made.items() if value}

    @property
    def normalized_query(self):
        return {name: tuple(value) if isinstance(value, (list, tuple)) else (value,) for name, value in self.query.items()}


def make_url(name_or_url):
    if isinstance(name_or_url, URL):
        return name_or_url
    from . import exc

    if not isinstance(name_or_url, str):
        raise exc.ArgumentError("Expected string or URL object, got %r" % (name_or_url,))
    text = name_or_url
    drivername, separator, rest = text.partition("://")
    if not separator or not drivername.replace("+", "").replace("_", "").replace("-", "").isalnum():
        raise exc.ArgumentError("Could not parse SQLAlchemy URL from given URL string")
    query = {}
    rest, mark, query_text = rest.partition("?")
    if mark and query_text:
        for part in query_text.split("&"):
            name, _, value = part.partition("=")
            name, value = _unquote(name.replace("+", " ")), _unquote(value.replace("+", " "))
            if name in query:
                old = query[name]
                query[name] = (old if isinstance(old, tuple) else (old,)) + (value,)
            else:
                query[name] = value
    authority, slash, database = rest.partition("/")
    if "@" in rest and "@" not in authority:
        # A password may hold a slash when it was not escaped.
        before, _, after = rest.rpartition("@")
        host_part, slash, database = after.partition("/")
        authority = before + "@" + host_part
    username = password = None
    if "@" in authority:
        credentials, _, authority = authority.rpartition("@")
        username, colon, secret = credentials.partition(":")
        username = _unquote(username)
        password = _unquote(secret) if colon else None
    host, port = authority, None
    if host.startswith("["):
        host, _, tail = host[1:].partition("]")
        if tail.startswith(":"):
            port = tail[1:]
    elif ":" in host:
        host, _, port = host.rpartition(":")
    if port and not port.isdigit():
        raise exc.ArgumentError("Could not parse SQLAlchemy URL from given URL string")
    return URL(drivername, username, password, host or None, port or None, _unquote(database) if slash else None, query)
