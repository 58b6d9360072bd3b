"""Options of queries. How something is loaded changes nothing in what a migration sees, so only the choice of columns is kept."""


class Load:
    """A chain of options for one entity."""

    def __init__(self, entity=None):
        self.entity = entity
        # (only these, or all but these, attributes)
        self.only = None
        self.deferred = ()
        self.undeferred = ()
        self.nested = False

    def _names(self, attrs):
        return tuple(attr if isinstance(attr, str) else getattr(attr, "key", attr) for attr in attrs)

    def _fresh(self):
        made = Load(self.entity)
        made.__dict__.update(self.__dict__)
        return made

    def load_only(self, *attrs, raiseload=False):
        made = self._fresh()
        if not self.nested:
            made.only = self._names(attrs)
            made.columns = attrs
        return made

    def defer(self, key, raiseload=False):
        made = self._fresh()
        if not self.nested:
            made.deferred = self.deferred + self._names((key,))
        return made

    def undefer(self, key):
        made = self._fresh()
        if not self.nested:
            made.undeferred = self.undeferred + self._names((key,))
        return made

    def undefer_group(self, name):
        return self

    def _path(self, *attrs, **kw):
        """An option about a relationship: what follows is about its target."""
        made = self._fresh()
        made.nested = True
        return made

    joinedload = selectinload = subqueryload = lazyload = immediateload = noload = raiseload = contains_eager = defaultload = _path
    selectin_polymorphic = with_expression = options = _path

    def attributes(self, mapper, entity):
        """The attributes that a query loads of an entity, or None for the usual ones."""
        if self.entity is not None and self.entity is not entity:
            return None
        if self.only is not None:
            names = [name for name in self.only if name in mapper.columns_by_attribute]
            if not names:
                return None
            keys = [key for key in mapper.primary_key_attributes if key not in names]
            return keys + names
        if self.deferred or self.undeferred:
            usual = mapper.loaded_attributes()
            return [name for name in mapper.columns_by_attribute if (name in usual or name in self.undeferred) and name not in self.deferred]
        return None


def load_only(*attrs, raiseload=False):
    return Load().load_only(*attrs)


def defer(key, *more, raiseload=False):
    return Load().defer(key)


def undefer(key, *more):
    return Load().undefer(key)


def undefer_group(name):
    return Load()


def _about_relationship(*attrs, **kw):
    return Load()._path()


joinedload = selectinload = subqueryload = lazyload = immediateload = noload = raiseload = contains_eager = defaultload = _about_relationship
selectin_polymorphic = with_expression = joinedload_all = lazyload_all = _about_relationship


def chosen_attributes(options, mapper, entity):
    """What a list of options says of one entity."""
    found = None
    for option in options:
        if isinstance(option, Load):
            names = option.attributes(mapper, entity)
            if names is not None:
                found = names
    return found
