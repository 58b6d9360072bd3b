# ---- what env.py gave to context.configure(), without the models
def environment_target(found):
    connection = getattr(found.context, "connection", None)
    url = found.opts.get("url") if connection is None else connection.engine.url
    if url is not None and not isinstance(url, str):
        url = url.render_as_string(hide_password=False) if hasattr(url, "render_as_string") else str(url)
    plain = (str, int, float, bool, list, type(None))
    metadata = metadata_list(found.metadata)
    naming = getattr(metadata[0], "naming_convention", None) if metadata else None
    patterns = {key if isinstance(key, str) else key.__visit_name__: value for key, value in (naming or {}).items() if isinstance(value, str)}
    return {
        "url": url, "dialect": found.dialect.name, "options": {key: value for key, value in found.opts.items() if is_plain(value, plain)},
        "callables": sorted(key for key, value in found.opts.items() if callable(value)), "has_metadata": bool(metadata), "ran": True,
        "arguments": {key: value for key, value in found.arguments.items() if is_plain(value, plain)},
        "naming_convention": patterns if patterns and patterns != {"ix": "ix_%(column_0_label)s"} else None,
        "metadata_schema": str(metadata[0].schema) if metadata and metadata[0].schema else None,
    }  # fmt: skip


def is_plain(value, plain):
    return isinstance(value, plain) and (not isinstance(value, list) or all(is_plain(item, plain) for item in value))


