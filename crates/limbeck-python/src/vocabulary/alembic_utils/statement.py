"""The small transformations of SQL texts and names that entities are made with."""

import re


def normalize_whitespace(text, base_whitespace=" "):
    return base_whitespace.join(text.split()).strip()


def strip_terminating_semicolon(sql):
    return sql.strip().rstrip(";").strip()


def strip_double_quotes(sql):
    return sql.strip().rstrip('"').strip().lstrip('"').strip()


def escape_colon_for_sql(sql):
    """A colon would begin a parameter; casts stay."""
    return re.sub(r"::|:", lambda found: found.group() if found.group() == "::" else r"\:", sql)


def escape_colon_for_plpgsql(sql):
    """As `escape_colon_for_sql`; assignments stay too, and what is escaped already."""
    return re.sub(r"::|:=|\\:|:", lambda found: r"\:" if found.group() == ":" else found.group(), sql)


def coerce_to_unquoted(text):
    return text.replace('"', "")


def coerce_to_quoted(text):
    schema, dot, name = text.partition(".")
    if dot:
        return '"%s"."%s"' % (strip_double_quotes(schema), strip_double_quotes(name))
    return '"%s"' % strip_double_quotes(text)


def parsed(template, sql, failure):
    """The parts of a statement by name: a word in braces stands for any text, `_` for blanks and `*` for any text that nobody wants."""
    pattern = ""
    for part in re.split(r"(\{\w+\}|_|\*)", template):
        if part == "_":
            pattern += r"\s+"
        elif part == "*":
            pattern += r".+?"
        elif part.startswith("{"):
            pattern += "(?P<%s>.+?)" % part[1:-1]
        else:
            pattern += re.escape(part)
    found = re.match(pattern + r"\Z", sql, re.IGNORECASE | re.DOTALL)
    if found is None and failure is not None:
        from .exceptions import SQLParseFailure

        raise SQLParseFailure('Failed to parse SQL into %s """%s"""' % (failure, sql))
    return found.groupdict() if found is not None else None
