"""`google.protobuf.descriptor`: files, messages and enumerations, read from their serialized form."""

_USE_C_DESCRIPTORS = True


def fields(data):
    """The fields of a message on the wire: number and value."""
    at = 0

    def varint(at):
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
            shift += 7

    while at < len(data):
        key, at = varint(at)
        kind = key & 7
        if kind == 0:
            value, at = varint(at)
        elif kind == 2:
            size, at = varint(at)
            value, at = data[at : at + size], at + size
        else:
            size = 8 if kind == 1 else 4
            value, at = data[at : at + size], at + size
        yield key >> 3, value


def _int32(value):
    return value - (1 << 64) if value >> 63 else value


class EnumValueDescriptor:
    def __init__(self, data):
        self.name, self.number = "", 0
        for number, value in fields(data):
            if number == 1:
                self.name = value.decode()
            elif number == 2:
                self.number = _int32(value)


class EnumDescriptor:
    def __init__(self, data):
        self.name, self.values = "", []
        for number, value in fields(data):
            if number == 1:
                self.name = value.decode()
            elif number == 2:
                self.values.append(EnumValueDescriptor(value))
        self.values_by_name = {value.name: value for value in self.values}
        self.values_by_number = {value.number: value for value in reversed(self.values)}


class Descriptor:
    def __init__(self, data):
        self.name, self.nested_types, self.enum_types = "", [], []
        for number, value in fields(data):
            if number == 1:
                self.name = value.decode()
            elif number == 3:
                self.nested_types.append(Descriptor(value))
            elif number == 4:
                self.enum_types.append(EnumDescriptor(value))


class FileDescriptor:
    def __init__(self, data):
        self.serialized_pb = data
        self.name = self.package = ""
        messages, enums = [], []
        for number, value in fields(data):
            if number == 1:
                self.name = value.decode()
            elif number == 2:
                self.package = value.decode()
            elif number == 4:
                messages.append(Descriptor(value))
            elif number == 5:
                enums.append(EnumDescriptor(value))
        self.message_types_by_name = {message.name: message for message in messages}
        self.enum_types_by_name = {enum.name: enum for enum in enums}
