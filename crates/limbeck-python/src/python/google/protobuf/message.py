"""`google.protobuf.message`: classes to name; none can be made."""


class Error(Exception):
    pass


class DecodeError(Error):
    pass


class EncodeError(Error):
    pass


class Message:
    def __init__(self, *arguments, **keywords):
        raise NotImplementedError("not supported: protobuf messages in migration scripts (%s)" % type(self).__name__)
