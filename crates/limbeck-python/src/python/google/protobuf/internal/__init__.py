"""`google.protobuf.internal`."""
