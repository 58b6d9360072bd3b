"""How a relationship finds its target, its direction and the columns that belong together."""

from .._elements import clause, is_clause
from .._schema import Table
from ..exc import AmbiguousForeignKeysError, ArgumentError, InvalidRequestError, NoForeignKeysError, NoReferenceError
from ._joins import MANYTOMANY, MANYTOONE, ONETOMANY, as_pair, columns_of, conjuncts
from ._mapper import configure_mappers
from ._names import Names


class Configured:
    """The part of a relationship that runs once, when all classes are there."""

    target = None
    _configured = False
    _problem = None

    def configure(self):
        """Finds target, direction and the columns that belong together. A relationship that cannot be resolved fails when it is used."""
        if self._configured:
            return
        self._configured = True
        try:
            self._resolve()
        except (InvalidRequestError, ArgumentError, NoReferenceError) as error:
            self._problem = error

    def _resolve(self):
        target = self._target_class()
        self.target = target.__mapper__
        self.entity = self.target
        secondary = self._evaluated(self.secondary)
        if isinstance(secondary, str):
            secondary = self.parent.registry.metadata.tables.get(secondary)
            if secondary is None:
                raise InvalidRequestError("When initializing mapper %s, expression %r failed to locate a name" % (self.parent, self.secondary))
        self.secondary = clause(secondary) if secondary is not None else None
        self.foreign_keys = columns_of(self._evaluated(self.foreign_keys))
        self.remote_side = columns_of(self._evaluated(self.remote_side))
        self.primaryjoin = self._evaluated(self.primaryjoin)
        self.secondaryjoin = self._evaluated(self.secondaryjoin)
        self.extra = []
        if self.secondary is not None:
            self.direction = MANYTOMANY
            self.pairs = self._secondary_pairs(self.parent, self.primaryjoin)
            self.secondary_pairs = self._secondary_pairs(self.target, self.secondaryjoin)
        else:
            self._direct_pairs()
        if self.uselist is None:
            self.uselist = self.direction is not MANYTOONE
        elif self.direction is MANYTOONE and self.lazy not in ("dynamic", "write_only"):
            self.uselist = bool(self.uselist)
        if self.backref is not None:
            self._make_backref()
        self.reverse = self._reverse()

    def _target_class(self):
        target = self.argument
        if callable(target) and not isinstance(target, type) and not hasattr(target, "__mapper__"):
            target = target()
        if isinstance(target, str):
            target = Names(self.parent).resolve(target)
        if hasattr(target, "class_") and not hasattr(target, "__mapper__"):
            target = target.class_
        if not hasattr(target, "__mapper__"):
            raise InvalidRequestError(
                "When initializing mapper %s, expression %r failed to locate a name (%r). If this is a class name, consider adding this relationship() to the "
                "%r class after both dependent classes have been defined." % (self.parent, self.argument, self.argument, self.parent.class_)
            )
        return target

    def _evaluated(self, value):
        if callable(value) and not is_clause(value):
            value = value()
        if isinstance(value, str):
            if value in self.parent.registry.metadata.tables:
                return self.parent.registry.metadata.tables[value]
            return Names(self.parent).resolve(value)
        return value

    def _foreign_keys_between(self, source, target):
        """Foreign keys from the tables of one mapper (or table) to those of another."""
        sources = source.tables if hasattr(source, "tables") and not isinstance(source, Table) else [source]
        targets = target.tables if hasattr(target, "tables") and not isinstance(target, Table) else [target]
        found = []
        for table in sources:
            for column in table.c:
                for key in column.foreign_keys:
                    if self.foreign_keys and not any(column is item for item in self.foreign_keys):
                        continue
                    try:
                        referred = key.column
                    except NoReferenceError:
                        continue
                    if any(referred.table is item for item in targets):
                        found.append((column, referred, getattr(key, "constraint", None) or key))
        return found

    def _one_constraint(self, found, what):
        """The columns of the one foreign key there may be; one that is written twice counts once."""
        by_constraint = []
        for entry in found:
            for known in by_constraint:
                if known[0][2] is entry[2]:
                    known.append(entry)
                    break
            else:
                by_constraint.append([entry])
        shapes = {tuple((id(column), id(referred)) for column, referred, _ in entries) for entries in by_constraint}
        if len(shapes) > 1:
            raise AmbiguousForeignKeysError(
                "Could not determine join condition between parent/child tables on relationship %s - there are multiple foreign key paths linking the tables%s."
                "  Specify the 'foreign_keys' argument, providing a list of those columns which should be counted as containing a foreign key reference to the parent table."
                % (self, what)
            )
        return by_constraint[0] if by_constraint else []

    def _direct_pairs(self):
        if self.primaryjoin is not None:
            self._pairs_of_condition()
            return
        outward = self._foreign_keys_between(self.parent, self.target)
        inward = self._foreign_keys_between(self.target, self.parent)
        if any(table is other for table in self.parent.tables for other in self.target.tables):
            # A table that refers to itself: the remote side tells which end this is.
            outward = self._one_constraint(outward, "")
            local = self.remote_side and any(any(referred is item for item in self.remote_side) for _, referred, _ in outward)
            self.direction = MANYTOONE if local else ONETOMANY
            self.pairs = [(column, referred) if local else (referred, column) for column, referred, _ in outward]
        elif outward and inward:
            raise AmbiguousForeignKeysError("Could not determine join condition between parent/child tables on relationship %s" % self)
        elif outward:
            outward = self._one_constraint(outward, "")
            self.direction = MANYTOONE
            self.pairs = [(column, referred) for column, referred, _ in outward]
        else:
            inward = self._one_constraint(inward, "")
            self.direction = ONETOMANY
            self.pairs = [(referred, column) for column, referred, _ in inward]
        if not self.pairs:
            raise NoForeignKeysError(
                "Could not determine join condition between parent/child tables on relationship %s - there are no foreign keys linking these tables.  "
                "Ensure that referencing columns are associated with a ForeignKey or ForeignKeyConstraint, or specify a 'primaryjoin' expression." % self
            )

    def _pairs_of_condition(self):
        """Pairs from `primaryjoin=`; what is no pair stays as a further condition."""
        self.pairs = []
        directions = []
        for part in conjuncts(clause(self.primaryjoin)):
            found = as_pair(part)
            if found is None:
                self.extra.append(part)
                continue
            (left, right), (left_marks, right_marks) = found
            if self._is_foreign(left, right, left_marks, right_marks):
                source, referred, source_marks, referred_marks = left, right, left_marks, right_marks
            elif self._is_foreign(right, left, right_marks, left_marks):
                source, referred, source_marks, referred_marks = right, left, right_marks, left_marks
            else:
                self.extra.append(part)
                continue
            local = self._is_local(source, referred, source_marks, referred_marks)
            directions.append(MANYTOONE if local else ONETOMANY)
            self.pairs.append((source, referred) if local else (referred, source))
        if not self.pairs:
            raise ArgumentError(
                "Could not locate any relevant foreign key columns for primary join condition on relationship %s.  Ensure that referencing columns are "
                "associated with a ForeignKey or ForeignKeyConstraint, or are annotated in the join condition with the foreign() annotation." % self
            )
        self.direction = directions[0]

    def _is_foreign(self, column, other, marks, other_marks):
        if "foreign" in marks:
            return True
        if "foreign" in other_marks:
            return False
        if self.foreign_keys:
            return any(column is item for item in self.foreign_keys)
        for key in getattr(column, "foreign_keys", ()):
            try:
                if key.column is other:
                    return True
            except NoReferenceError:
                continue
        return False

    def _is_local(self, source, referred, source_marks, referred_marks):
        """Whether the foreign column is on this relationship's own side."""
        own = any(source.table is table for table in self.parent.tables)
        theirs = any(source.table is table for table in self.target.tables)
        if own and theirs:
            if "remote" in source_marks:
                return False
            if "remote" in referred_marks:
                return True
            return any(referred is item for item in self.remote_side)
        return own

    def _secondary_pairs(self, mapper, condition):
        if condition is not None:
            found = []
            for part in conjuncts(clause(condition)):
                pair = as_pair(part)
                if pair is None:
                    self.extra.append(part)
                    continue
                left, right = pair[0]
                found.append((right, left) if left.table is self.secondary else (left, right))
            return found
        keys = [(column, referred, constraint) for column, referred, constraint in self._foreign_keys_between(self.secondary, mapper)]
        if not keys:
            raise NoForeignKeysError(
                "Could not determine join condition between parent/child tables on relationship %s - there are no foreign keys linking these tables via secondary table '%s'."
                % (self, self.secondary.name)
            )
        keys = self._one_constraint(keys, " via secondary table '%s'" % self.secondary.name)
        return [(referred, column) for column, referred, _ in keys]

    def _make_backref(self):
        name, kw = self.backref
        self.backref = None
        if name in self.target.attributes:
            return
        kw = dict(kw)
        kw.setdefault("viewonly", self.viewonly)
        made = type(self)(self.parent.class_, secondary=self.secondary, **kw)
        if self.secondary is not None:
            made.primaryjoin = kw.get("primaryjoin", self.secondaryjoin)
            made.secondaryjoin = kw.get("secondaryjoin", self.primaryjoin)
        else:
            made.primaryjoin = kw.get("primaryjoin", self.primaryjoin)
            if made.foreign_keys is None:
                made.foreign_keys = self.foreign_keys or None
            if made.remote_side is None:
                made.remote_side = [local for local, _ in self.pairs]
        self.back_populates = name
        made.back_populates = self.key
        self.target.add_property(name, made)
        made.configure()

    def _reverse(self):
        if self.back_populates is None:
            return None
        other = self.target.attributes.get(self.back_populates)
        return other if isinstance(other, Configured) else None

    def check(self):
        configure_mappers()
        self.configure()
        if self._problem is not None:
            raise self._problem
