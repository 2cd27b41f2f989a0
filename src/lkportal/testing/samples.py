"""What to put into the params of paths: public ids of each owner's rows, found by the names of tables, so that no route of any
module is left out of a walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import RowMapping, Table, select

from lkportal.accounts.models import Group
from lkportal.api.models import Token
from lkportal.core.db import Base
from lkportal.testing.canaries import ACCOUNTS, Owner, owned
from lkportal.testing.town import Town
from lkportal.testing.verdicts import Sample
from lkportal.web.routing import Bound

_STRANGERS = 2
ABSENT = Sample("A" * 16, exists=False)
_KNOWN = {"account": ACCOUNTS, "customer": ACCOUNTS, "brought": "core_imports"}
_SECRETS = frozenset({"token"})


def _colleagues(town: Town) -> list[Sample]:
    staff = [person for person in town.people if person.actor.kind == "staff"][:2]
    customer = next(person for person in town.people if person.actor.kind == "customer")
    return [
        *(Sample(person.actor.public_id, frozenset({("identity", person.identity)})) for person in staff),
        Sample(customer.actor.public_id, frozenset({("identity", customer.identity)}), exists=False),
    ]


def _viewed(town: Town) -> list[Sample]:
    customers = [person for person in town.people if person.actor.kind == "customer"][:2]
    staff = next(person for person in town.people if person.actor.kind == "staff")
    return [
        *(Sample(person.actor.public_id, frozenset({("identity", person.identity)})) for person in customers),
        Sample(staff.actor.public_id, frozenset({("identity", staff.identity)}), exists=False),
    ]


def _roles(_town: Town) -> list[Sample]:
    return [Sample("operator"), ABSENT]


def _parts(_town: Town) -> list[Sample]:
    return [Sample("accounts"), ABSENT]


def _kinds(_town: Town) -> list[Sample]:
    return [Sample("charges"), ABSENT]


def _modules(town: Town) -> list[Sample]:
    return [Sample("readings" if town.portal.registry.is_on("readings") else "news"), ABSENT]


def _settings(_town: Town) -> list[Sample]:
    return [Sample("accounts.invitation_days"), ABSENT]


def _groups(town: Town) -> list[Sample]:
    """A group is its accounts': the owner's own one, and one of the company."""
    with town.portal.database.reading() as connection:
        ids = {row.id: row.public_id for row in connection.execute(select(Group.id, Group.public_id))}
    own, too = town.accounts["own"], town.accounts["company too"]
    return [
        Sample(ids[town.own_group], frozenset({("account", own.id)})),
        Sample(ids[town.group], frozenset({("account", too.id)})),
        ABSENT,
    ]


def _systems(town: Town) -> list[Sample]:
    """Tokens of systems are nobody's; that of a customer is no system's."""
    with town.portal.database.reading() as connection:
        rows = connection.execute(select(Token.public_id, Token.identity_id)).all()
    own = next((row.public_id for row in rows if row.identity_id is None), None)
    other = next((row.public_id for row in rows if row.identity_id is not None), None)
    found = [Sample(own)] if own else []
    return [*found, *([Sample(other, exists=False)] if other else []), ABSENT]


def _programs(town: Town) -> list[Sample]:
    """A token of each customer, and one of a system, which is nobody's."""
    with town.portal.database.reading() as connection:
        rows = connection.execute(select(Token.public_id, Token.identity_id)).all()
    owned_by = {row.identity_id: row.public_id for row in rows}
    nobody = owned_by.pop(None, None)
    found = [Sample(public, frozenset({("identity", key)})) for key, public in owned_by.items()]
    return [*found, *([Sample(nobody, exists=False)] if nobody else []), ABSENT]


def _reports(_town: Town) -> list[Sample]:
    return [Sample("use"), ABSENT]


def _nobody(_town: Town) -> list[Sample]:
    """No provider is on in the town, and nobody is linked to one."""
    return [ABSENT]


_SAID: Mapping[str, Callable[[Town], Sequence[Sample]]] = {
    "colleague": _colleagues,
    "viewed": _viewed,
    "role": _roles,
    "module": _modules,
    "setting": _settings,
    "group": _groups,
    "report": _reports,
    "provider": _nobody,
    "source": _nobody,
    "linked": _nobody,
    "system": _systems,
    "program": _programs,
    "api:docs_part.part": _parts,
    "api:feed.kind": _kinds,
    "api:feed_state.kind": _kinds,
    "api:feed_run.run": _nobody,
    "api:feed_rejects.run": _nobody,
}
"""Params that are no rows of a table of their own, or whose rows do not lead to who may open them; "route.param" for one route."""


class Unfillable(AssertionError):
    """A route would escape the walk: nobody knows what to put into its path."""


def told_apart(samples: Sequence[Sample], identity: int) -> list[Sample]:
    """Return the samples that may be answered differently to a person: all but the third and further ones that belong to other
    people in the same accounts, for one stranger's row is like another's."""
    met, chosen = Counter[frozenset[Owner]](), list[Sample]()
    for sample in samples:
        people = {key for kind, key in sample.owners if kind == "identity"}
        places = frozenset(owner for owner in sample.owners if owner[0] == "account")
        if people and identity not in people:
            met[places] += 1
            if met[places] > _STRANGERS:
                continue
        chosen.append(sample)
    return chosen


class Samples:
    """Values for params. `given` adds to the convention: by "module:route.param", by "param", a list of Sample."""

    def __init__(self, town: Town, given: Mapping[str, Sequence[Sample]]) -> None:
        self._town = town
        self._given = given
        self._tables: dict[str, list[Sample]] = {}

    def of(self, bound: Bound, param: str) -> Sequence[Sample]:
        """Return what to put into a param: one row of each owner, and an id of nothing. Raises Unfillable."""
        if bound.policy.who == "guest" and param == "token":
            return [*self._links(bound), ABSENT]
        for name in (f"{bound.name}.{param}", param):
            if name in self._given:
                return self._given[name]
            if name in _SAID:
                return _SAID[name](self._town)
        if param in _SECRETS:
            return [ABSENT]
        table = self._table(bound.module, param)
        if table not in self._tables:
            self._tables[table] = self._rows(table)
        return self._tables[table]

    def _links(self, bound: Bound) -> Sequence[Sample]:
        made = self._town.links.get(bound.policy.action, ())
        return [Sample(token, frozenset({("account", account.id)})) for account, token in made]

    def _table(self, module: str, param: str) -> str:
        if param in _KNOWN:
            return _KNOWN[param]
        plural = f"{param[:-1]}ies" if param.endswith("y") and param[-2:-1] not in "aeou" else f"{param}s"
        mine = f"{module}_{plural}"
        found = [
            name
            for name, table in Base.metadata.tables.items()
            if name.endswith(f"_{plural}") and "public_id" in table.c
        ]
        if mine in found:
            return mine
        if len(found) == 1:
            return found[0]
        raise Unfillable(
            f"The param {{{param}}} of module {module!r} has no table {mine} with a public_id: "
            f"give samples for {param!r}, such as samples={{{param!r}: [Sample('id')]}}."
        )

    def _rows(self, name: str) -> list[Sample]:
        table = Base.metadata.tables[name]
        with self._town.portal.database.reading() as connection:
            owners = owned(connection, table)
            rows = connection.execute(select(table)).mappings().all()
        chosen: dict[object, Sample] = {}
        for row in rows:
            key = tuple(row[column] for column in table.primary_key.columns)
            whose = owners.get(key, frozenset())
            chosen.setdefault(whose, Sample(row["public_id"], whose))
        wanted = {("account", account.id) for account in self._town.accounts.values()}
        met = {owner for sample in chosen.values() for owner in sample.owners}
        if any(kind == "account" for kind, _ in met) and not wanted <= met:
            raise Unfillable(f"The table {name} has no row for some account of the town: let a plant put one there.")
        return [*chosen.values(), *_counted(table, rows), ABSENT]


def _counted(table: Table, rows: Sequence[RowMapping]) -> list[Sample]:
    """Return the internal key of a row as an address: numbers can be counted through, so no page may answer to one."""
    return [Sample(str(rows[0]["id"]), exists=False)] if rows and "id" in table.c else []
