"""Event classes, for scripts that name them: `sqlalchemy.event` takes listeners and fires none."""


class Events:
    pass


class MapperEvents(Events):
    pass


class SessionEvents(Events):
    pass


class InstanceEvents(Events):
    pass


class AttributeEvents(Events):
    pass


class QueryEvents(Events):
    pass


class InstrumentationEvents(Events):
    pass
