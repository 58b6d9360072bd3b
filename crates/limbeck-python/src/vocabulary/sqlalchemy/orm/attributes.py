"""Names of `sqlalchemy.orm.attributes`."""

from . import alias_module

_OWN = {name: "_instances" for name in ("flag_modified", "flag_dirty", "set_attribute", "get_attribute", "del_attribute", "set_committed_value",
                                        "get_history", "init_collection", "instance_state", "instance_dict", "NO_VALUE", "History")}  # fmt: skip
_OWN["NO_VALUE"] = "_instances"
_lookup = alias_module(__name__, _OWN)


def __getattr__(name):
    if name == "NEVER_SET":
        name = "NO_VALUE"
    return _lookup(name)
