"""Whatever is sent to a form by somebody who may use it, nothing breaks: a sentence in the reader's language, and what was typed
stays. Every route of every module; in the plain run one hostile thing in all fields of a form, in the proof each in each field."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.testing import SandboxDriver, utility
from lkportal.testing.town import Town, build
from tests.journeys.hostility import RAW, SAMPLE, TYPED, Hostility, Target
from tests.journeys.test_leaks import telecom

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
UTILITY = {"modules": {"enabled": ["payments", "readings", "news", "tickets", "help"]}}


@pytest.fixture
def town(gateway: SandboxDriver, portal: Portal, clock: MovableClock) -> Town:
    """The town of the utility."""
    known = {name: put for name, put in utility.PLANTS.items() if portal.registry.is_on(name)}
    return build(portal, clock, known, utility.CODES)


@pytest.mark.parametrize("portal_overrides", [pytest.param(UTILITY, id="utility")])
@ON_SQLITE
def test_no_form_breaks_on_what_is_hostile(town: Town) -> None:
    walk = Hostility(town, samples=utility.SAMPLES, brief=True)
    names, raws = list(TYPED), list(RAW)
    with walk.at_work():
        targets = list(walk.targets())
        wrong = []
        for number, target in enumerate(targets):
            wrong.append(walk.attack(target, names[number % len(names)]))
            wrong.append(walk.attack_raw(target, raws[number % (len(raws) - 1)]))
            wrong += [
                walk.attack(target, SAMPLE[number % len(SAMPLE)], field) for field in list(walk.fields(target))[:3]
            ]
    assert [fault for fault in wrong if fault] == []
    assert len(targets) > 120
    print(f"{walk.sent} hostile forms to {len(targets)} routes: {sorted(walk.statuses.items())}")


@pytest.mark.proof
@pytest.mark.parametrize(
    "portal_overrides",
    [pytest.param(UTILITY, id="utility"), pytest.param(telecom(), id="telecom")],
)
@ON_SQLITE
def test_no_form_breaks_on_anything_hostile(town: Town) -> None:
    walk = Hostility(town, samples=utility.SAMPLES, brief=True)
    with walk.at_work():
        wrong = [fault for target in walk.targets() for fault in everything(walk, target) if fault]
    print(f"{walk.sent} hostile forms: {sorted(walk.statuses.items())}")
    assert wrong == []


def everything(walk: Hostility, target: Target) -> Iterator[str]:
    """Attack one form in every way."""
    for name in TYPED:
        yield walk.attack(target, name)
    for name in RAW:
        yield walk.attack_raw(target, name)
    yield from walk.attack_shape(target)
    for field in walk.fields(target):
        for name in SAMPLE:
            yield walk.attack(target, name, field)
