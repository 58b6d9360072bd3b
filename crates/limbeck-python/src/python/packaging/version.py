"""`packaging.version`: versions after PEP 440."""

import re

VERSION_PATTERN = r"""
    v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)
    (?P<pre>[-_.]?(?P<pre_l>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_n>[0-9]+)?)?
    (?P<post>(?:-(?P<post_n1>[0-9]+))|(?:[-_.]?(?P<post_l>post|rev|r)[-_.]?(?P<post_n2>[0-9]+)?))?
    (?P<dev>[-_.]?(?P<dev_l>dev)[-_.]?(?P<dev_n>[0-9]+)?)?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?
"""
_pattern = re.compile(r"\s*" + VERSION_PATTERN + r"\s*", re.VERBOSE | re.IGNORECASE)
_letters = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}


class InvalidVersion(ValueError):
    pass


class Version:
    def __init__(self, version):
        match = _pattern.fullmatch(version)
        if not match:
            raise InvalidVersion("Invalid version: %r" % (version,))
        self.epoch = int(match["epoch"] or 0)
        self.release = tuple(int(part) for part in match["release"].split("."))
        letter = (match["pre_l"] or "").lower()
        self.pre = (_letters.get(letter, letter), int(match["pre_n"] or 0)) if letter else None
        self.post = int(match["post_n1"] or match["post_n2"] or 0) if match["post"] else None
        self.dev = int(match["dev_n"] or 0) if match["dev"] else None
        self.local = match["local"].lower().replace("-", ".").replace("_", ".") if match["local"] else None
        self._key = self._make_key()

    def _make_key(self):
        release = self.release
        while len(release) > 1 and release[-1] == 0:
            release = release[:-1]
        # A development release sorts before all, then pre-releases, then the release, then what comes after it.
        if self.pre is not None:
            pre = (1, self.pre)
        elif self.post is None and self.dev is not None:
            pre = (0, ("", 0))
        else:
            pre = (2, ("", 0))
        post = -1 if self.post is None else self.post
        dev = (1, 0) if self.dev is None else (0, self.dev)
        local = ()
        if self.local is not None:
            local = tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in self.local.split("."))
        return (self.epoch, release, pre, post, dev, self.local is not None, local)

    @property
    def major(self):
        return self.release[0]

    @property
    def minor(self):
        return self.release[1] if len(self.release) > 1 else 0

    @property
    def micro(self):
        return self.release[2] if len(self.release) > 2 else 0

    @property
    def is_prerelease(self):
        return self.dev is not None or self.pre is not None

    @property
    def is_postrelease(self):
        return self.post is not None

    @property
    def is_devrelease(self):
        return self.dev is not None

    @property
    def base_version(self):
        text = ".".join(str(part) for part in self.release)
        return "%d!%s" % (self.epoch, text) if self.epoch else text

    @property
    def public(self):
        return str(self).split("+")[0]

    def __str__(self):
        text = self.base_version
        if self.pre is not None:
            text += "%s%d" % self.pre
        if self.post is not None:
            text += ".post%d" % self.post
        if self.dev is not None:
            text += ".dev%d" % self.dev
        if self.local is not None:
            text += "+" + self.local
        return text

    def __repr__(self):
        return "<Version('%s')>" % self

    def __hash__(self):
        return hash(self._key)

    def __eq__(self, other):
        return self._key == other._key if isinstance(other, Version) else NotImplemented

    def __lt__(self, other):
        return self._key < other._key if isinstance(other, Version) else NotImplemented

    def __le__(self, other):
        return self._key <= other._key if isinstance(other, Version) else NotImplemented

    def __gt__(self, other):
        return self._key > other._key if isinstance(other, Version) else NotImplemented

    def __ge__(self, other):
        return self._key >= other._key if isinstance(other, Version) else NotImplemented


def parse(version):
    return Version(version)
