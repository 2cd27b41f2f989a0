"""Which modules are on, and in which order: a pure function of what is known and what is asked for. What the modules bring is
gathered in building."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from lkportal.core.errors import StartupError
from lkportal.core.module import Module
from lkportal.core.registry.checks import guess


def resolved(known: Sequence[Module], enabled: Iterable[str], off: Container[str] = frozenset()) -> list[Module]:
    """Return the modules that are on, each behind those it requires: the rooms, and those of `enabled` that are not `off`.

    Raises StartupError with one sentence for a name that is not known, for what is required and not on, and for a circle.
    """
    by_name = {module.name: module for module in known}
    wanted = {module.name: module for module in known if module.always_on}
    for name in enabled:
        if name not in by_name:
            raise StartupError(
                "module_unknown",
                f"modules.enabled names {name!r}, but no such module is installed.{guess(name, by_name)}",
            )
        if name not in off:
            wanted.setdefault(name, by_name[name])
    for module in wanted.values():
        for requirement in module.requires:
            if requirement not in wanted:
                cure = "switch it on" if requirement in by_name else "install it and switch it on"
                raise StartupError(
                    "module_requirement",
                    f"The module {module.name!r} needs {requirement!r}: {cure}, or switch {module.name!r} off.",
                )
    return in_order(list(wanted.values()))


def in_order(modules: Sequence[Module]) -> list[Module]:
    """Return modules so that each comes behind those it requires or names in `after`; otherwise as given."""
    by_name = {module.name: module for module in modules}
    place = {module.name: number for number, module in enumerate(modules)}
    graph = {m.name: [n for n in (*m.requires, *m.after) if n in by_name] for m in modules}
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        raise StartupError(
            "module_cycle", f"Modules require each other in a circle: {' -> '.join(error.args[1])}. Drop one of these."
        ) from None
    ordered: list[Module] = []
    while sorter.is_active():
        for name in sorted(sorter.get_ready(), key=place.__getitem__):
            ordered.append(by_name[name])
            sorter.done(name)
    return ordered
