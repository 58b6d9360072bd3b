"""Runs revision scripts under the stand-in native module and prints every operation as a line of JSON.

usage: ops.py DIALECT FILE... ; an enum `(tag, payload)` becomes `{tag: payload}`, as serde writes it.
"""

import importlib.util
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../../src/vocabulary"), HERE]

import _limbeck  # noqa: E402


def plain(data):
    if isinstance(data, tuple):
        if len(data) == 2 and isinstance(data[0], str):
            return {data[0]: plain(data[1])}
        return [plain(item) for item in data]
    if isinstance(data, list):
        return [plain(item) for item in data]
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    return data


def run(path, dialect, direction="upgrade"):
    _limbeck.reset()
    _limbeck.context.update(dialect=dialect, offline=True, driver=None)
    spec = importlib.util.spec_from_file_location("revision_script", path)
    module = importlib.util.module_from_spec(spec)
    error = None
    try:
        spec.loader.exec_module(module)
        getattr(module, direction)()
    except Exception as caught:
        if "--trace" in sys.argv:
            raise
        error = "%s: %s" % (type(caught).__name__, caught)
    return [plain(operation) for operation in _limbeck.operations], error


def main():
    args = [arg for arg in sys.argv[1:] if not arg.startswith("--")]
    dialect, paths = args[0], args[1:]
    for path in paths:
        operations, error = run(path, dialect, "downgrade" if "--down" in sys.argv else "upgrade")
        print(json.dumps({"path": path, "operations": operations, "error": error}, ensure_ascii=False))


if __name__ == "__main__":
    main()
