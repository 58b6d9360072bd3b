"""`dotenv`: reads `.env` of the project; what it sets, scripts see."""

import os
import re

_line = re.compile(r"""\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*(?:=\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^#\r\n]*)))?""", re.VERBOSE)
_escapes = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}


def find_dotenv(filename=".env", raise_error_if_not_found=False, usecwd=False):
    folder = os.getcwd()
    while True:
        path = os.path.join(folder, filename)
        if os.path.isfile(path):
            return path
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    if raise_error_if_not_found:
        raise OSError("File not found")
    return ""


def _unescape(text):
    return re.sub(r"\\(.)", lambda match: _escapes.get(match[1], match[0]), text)


def _expand(text, values):
    def replace(match):
        name, _, default = match[1].partition(":-")
        found = os.environ.get(name, values.get(name))
        return default if found is None else found

    return re.sub(r"\$\{([^}]*)\}", replace, text)


def dotenv_values(dotenv_path=None, stream=None, verbose=False, interpolate=True, encoding="utf-8"):
    if stream is None:
        path = dotenv_path or find_dotenv()
        if not path or not os.path.isfile(path):
            return {}
        with open(path, encoding=encoding) as file:
            text = file.read()
    else:
        text = stream.read()
    values = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _line.match(line)
        if not match:
            continue
        name, single, double, bare = match.groups()
        if single is not None:
            value = single.replace("\\'", "'")
        elif double is not None:
            value = _unescape(double)
        elif bare is not None:
            value = bare.strip()
        else:
            value = None
        if interpolate and value is not None and single is None:
            value = _expand(value, values)
        values[name] = value
    return values


def load_dotenv(dotenv_path=None, stream=None, verbose=False, override=False, interpolate=True, encoding="utf-8"):
    values = dotenv_values(dotenv_path, stream, verbose, interpolate, encoding)
    for name, value in values.items():
        if value is not None and (override or name not in os.environ):
            os.environ[name] = value
    return bool(values)


def get_key(dotenv_path, key_to_get, encoding="utf-8"):
    return dotenv_values(dotenv_path, encoding=encoding).get(key_to_get)


def set_key(*arguments, **keywords):
    raise PermissionError("migration scripts cannot write files")


unset_key = set_key
