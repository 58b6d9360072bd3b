"""`importlib.abc`: names to inherit from."""


class Loader:
    def create_module(self, spec):
        return None


class MetaPathFinder:
    def find_spec(self, fullname, path=None, target=None):
        return None


class InspectLoader(Loader):
    pass


class SourceLoader(InspectLoader):
    pass
