"""What triggers and policies share: the table they are on."""

from .statement import coerce_to_unquoted


class OnEntityMixin:
    def __init__(self, schema, signature, definition, on_entity):
        super().__init__(schema=schema, signature=signature, definition=definition)
        self.on_entity = coerce_to_unquoted(on_entity if "." in on_entity else "public." + on_entity)

    @property
    def identity(self):
        return "%s: %s.%s %s" % (type(self).__name__, self.schema, self.signature, self.on_entity)

    def _words(self):
        return "%s %s of %s" % (self.type_.capitalize(), self.signature, self.on_entity)

    def _arguments(self, definition):
        arguments = super()._arguments(definition)
        arguments.insert(2, 'on_entity="%s"' % self.on_entity)
        return arguments

    def to_variable_name(self):
        table = self.on_entity.lower().partition(".")[2]
        return "%s_%s_%s" % (self.schema.lower(), table, self.signature.split("(")[0].strip().lower())
