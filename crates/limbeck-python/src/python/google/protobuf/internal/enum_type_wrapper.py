"""`google.protobuf.internal.enum_type_wrapper`."""


class EnumTypeWrapper:
    def __init__(self, enum_type):
        self.DESCRIPTOR = self._enum_type = enum_type

    def Name(self, number):
        if number not in self._enum_type.values_by_number:
            raise ValueError("Enum %s has no name defined for value %r" % (self._enum_type.name, number))
        return self._enum_type.values_by_number[number].name

    def Value(self, name):
        if name not in self._enum_type.values_by_name:
            raise ValueError("Enum %s has no value defined for name %r" % (self._enum_type.name, name))
        return self._enum_type.values_by_name[name].number

    def keys(self):
        return [value.name for value in self._enum_type.values]

    def values(self):
        return [value.number for value in self._enum_type.values]

    def items(self):
        return [(value.name, value.number) for value in self._enum_type.values]

    def __getattr__(self, name):
        values = self.__dict__["_enum_type"].values_by_name
        if name in values:
            return values[name].number
        raise AttributeError("Enum has no value defined for name %r" % name)
