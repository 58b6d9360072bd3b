"""`google.protobuf.descriptor_pool`."""

from google.protobuf.descriptor import FileDescriptor


class DescriptorPool:
    def AddSerializedFile(self, data):
        return FileDescriptor(data)

    def AddDescriptor(self, descriptor):
        pass


_default = DescriptorPool()


def Default():
    return _default
