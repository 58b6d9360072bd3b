"""What a project chooses: `set_configuration(Config(...))`."""


def _every(name):
    return True


class Config:
    def __init__(self, add_type_ignore=False, type_ignore_comment="  # type: ignore[attr-defined]", include_name=_every, drop_unused_enums=True,
                 detect_enum_values_changes=True, force_dialect_support=False, ignore_enum_values_order=False):  # fmt: skip
        self.add_type_ignore, self.type_ignore_comment, self.include_name = add_type_ignore, type_ignore_comment, include_name
        self.drop_unused_enums, self.detect_enum_values_changes = drop_unused_enums, detect_enum_values_changes
        self.force_dialect_support, self.ignore_enum_values_order = force_dialect_support, ignore_enum_values_order


_config = [Config()]


def set_configuration(config):
    _config[:] = [config]


def get_configuration():
    return _config[0]
