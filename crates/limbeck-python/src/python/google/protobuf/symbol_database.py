"""`google.protobuf.symbol_database`."""


class SymbolDatabase:
    def RegisterMessage(self, message):
        return message

    RegisterEnumDescriptor = RegisterFileDescriptor = RegisterServiceDescriptor = RegisterMessage


_default = SymbolDatabase()


def Default():
    return _default
