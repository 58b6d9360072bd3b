"""`Rewriter`: registered and not run."""


class Rewriter:
    def __init__(self):
        self._traverse = {}

    def rewrites(self, operator):
        def decorate(function):
            self._traverse[operator] = function
            return function

        return decorate

    def chain(self, other):
        return self

    def __call__(self, context, revision, directives):
        pass
