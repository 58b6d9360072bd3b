"""The script directory, as far as env.py files ask for it."""

import _limbeck


class ScriptDirectory:
    def __init__(self, dir=None, **kw):
        self.dir = dir

    @classmethod
    def from_config(cls, config):
        return cls(config.get_main_option("script_location"))

    def get_heads(self):
        return list(_limbeck.context.get("head_revisions") or ())

    def get_current_head(self):
        heads = self.get_heads()
        if len(heads) > 1:
            from ..util.exc import CommandError

            raise CommandError("The script directory has multiple heads (due to branching).Please use get_heads(), or merge the branches using alembic merge.")
        return heads[0] if heads else None

    def as_revision_number(self, id_):
        return id_

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        from sqlalchemy._base import unsupported

        raise unsupported("alembic ScriptDirectory.%s" % name)


class Script:
    pass
