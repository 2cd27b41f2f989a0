"""Which modules are on: of every subset of the portal's own modules, and of any modules there might be, the resolver answers an
order in which requirements come first, or says in one sentence what is missing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from lkportal.app import ROOMS
from lkportal.core.errors import StartupError
from lkportal.core.module import Module
from lkportal.core.registry.discovery import installed_modules
from lkportal.core.registry.resolving import resolved

KNOWN = (*ROOMS, *installed_modules())
SWITCHABLE = tuple(module.name for module in KNOWN if not module.always_on)
_NEEDS = re.compile(r"The module '(\w+)' needs '(\w+)': switch it on, or switch '(\w+)' off\.")


def subsets() -> Iterator[frozenset[str]]:
    """Every set of modules that a company may write into modules.enabled."""
    for count in range(len(SWITCHABLE) + 1):
        yield from map(frozenset, combinations(SWITCHABLE, count))


def missing(on: frozenset[str]) -> set[tuple[str, str]]:
    """Return (module, what it lacks) for a set: asked of the declarations alone."""
    rooms = {module.name for module in KNOWN if module.always_on}
    chosen = [module for module in KNOWN if module.name in on]
    return {(m.name, need) for m in chosen for need in m.requires if need not in on and need not in rooms}


def is_ordered(order: Sequence[Module]) -> bool:
    """Whether each stands behind what it requires and what it only comes after."""
    place = {module.name: number for number, module in enumerate(order)}
    return all(place.get(name, -1) < place[m.name] for m in order for name in (*m.requires, *m.after))


def outcome(
    known: Sequence[Module], enabled: Sequence[str], off: frozenset[str] = frozenset()
) -> list[Module] | StartupError:
    """Return the order of modules, or the refusal."""
    try:
        return resolved(known, enabled, off)
    except StartupError as refusal:
        return refusal


def test_every_subset_of_our_modules_is_put_in_order_or_refused_in_one_sentence() -> None:
    dice, rooms = random.Random(6), {module.name for module in KNOWN if module.always_on}
    stood = 0
    for on in subsets():
        written, lacking = dice.sample(sorted(on), len(on)), missing(on)
        order = outcome(KNOWN, written)
        if isinstance(order, StartupError):
            said = _NEEDS.fullmatch(str(order.message))
            assert said is not None, order.message
            assert ((said[1], said[2]) in lacking, said[3]) == (True, said[1])
            continue
        assert not lacking
        assert sorted(module.name for module in order) == sorted(on | rooms)
        assert is_ordered(order)
        assert outcome(KNOWN, written) == order
        stood += 1
    assert len(SWITCHABLE) >= 10
    assert 2 ** (len(SWITCHABLE) - 4) < stood < 2 ** len(SWITCHABLE)


def test_what_staff_switch_off_is_as_if_it_were_not_written() -> None:
    dice = random.Random(7)
    for on in subsets():
        off = frozenset(dice.sample(SWITCHABLE, dice.randrange(4)))
        assert told(outcome(KNOWN, sorted(on), off)) == told(outcome(KNOWN, sorted(on - off)))


def told(order: list[Module] | StartupError) -> str:
    """Return an outcome in words."""
    return str(order.message) if isinstance(order, StartupError) else " ".join(module.name for module in order)


_NAMES = ("aa", "bb", "cc", "dd")
_OTHERS = st.sets(st.sampled_from([*_NAMES, "nobody"]), max_size=3).map(tuple)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_modules_are_put_in_order_or_refused(data: st.DataObject) -> None:
    known = [
        Module(name, name, "1", name, requires=data.draw(_OTHERS), after=data.draw(_OTHERS), always_on=name == "aa")
        for name in _NAMES
    ]
    enabled = data.draw(st.permutations(_NAMES).flatmap(lambda names: st.integers(0, 4).map(lambda n: names[:n])))
    on = {"aa", *enabled}
    chosen = [module for module in known if module.name in on]
    lacking = any(need not in on for module in chosen for need in module.requires)
    possible = any(is_ordered(order) for order in permutations(chosen))
    order = outcome(known, enabled)
    if isinstance(order, StartupError):
        assert order.code == ("module_requirement" if lacking else "module_cycle")
        assert lacking or not possible
    else:
        assert not lacking
        assert sorted(module.name for module in order) == sorted(on)
        assert is_ordered(order)
