"""`sqlalchemy.log`."""


def echo_property():
    return property(lambda self: False)
