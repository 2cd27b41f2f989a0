"""Ports: a question one room asks and another answers. Filled at boot with `provide`, asked with `port(db, Protocol)`."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

from lkportal.core.errors import StartupError

T = TypeVar("T")


class Ports:
    """The filled ports of one portal: Protocol class -> implementation."""

    def __init__(self) -> None:
        self._filled: dict[type[Any], Any] = {}

    def provide(self, protocol: type[T], implementation: T) -> None:
        """Fill `protocol`. A second implementation is refused: two answers to one question are a mistake."""
        if protocol in self._filled:
            raise StartupError(
                "port_filled_twice",
                f"The port {protocol.__name__} is filled twice: switch off one of the modules that provide it.",
            )
        self._filled[protocol] = implementation

    def take_over(self, newer: Ports) -> None:
        """Answer with what `newer` was filled with: the registry was built anew, and workers hold on to this object."""
        self._filled = newer._filled

    def get(self, protocol: type[T]) -> T:
        """Return the implementation of `protocol`, or stop with a sentence that names what is missing."""
        if protocol not in self._filled:
            raise StartupError(
                "port_empty", f"Nothing provides the port {protocol.__name__}: switch on a module that fills it."
            )
        return cast(T, self._filled[protocol])

    def find(self, protocol: type[T]) -> T | None:
        """Return the implementation of `protocol`, or None when no module fills it."""
        return self._filled.get(protocol)


def port(db: Session, protocol: type[T]) -> T:
    """Return the implementation of `protocol` from the unit of work that `db` belongs to."""
    return cast(T, db.info["unit"].ports.get(protocol))
