"""`google.protobuf.internal.builder`: what generated modules call to fill themselves."""

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message


def BuildMessageAndEnumDescriptors(file_des, module):
    for name, enum in file_des.enum_types_by_name.items():
        module["_" + name.upper()] = enum
    for name, message in file_des.message_types_by_name.items():
        module["_" + name.upper()] = message


def _enums(enums, names):
    for enum in enums:
        names[enum.name] = EnumTypeWrapper(enum)
        for value in enum.values:
            names[value.name] = value.number


def _message(descriptor, module_name):
    names = {"DESCRIPTOR": descriptor, "__module__": module_name}
    _enums(descriptor.enum_types, names)
    for nested in descriptor.nested_types:
        names[nested.name] = _message(nested, module_name)
    return type(descriptor.name, (Message,), names)


def BuildTopDescriptorsAndMessages(file_des, module_name, module):
    _enums(file_des.enum_types_by_name.values(), module)
    for name, message in file_des.message_types_by_name.items():
        module[name] = _message(message, module_name)


def BuildServices(file_des, module_name, module):
    pass


def AddHelpersToExtensions(file_des):
    pass
