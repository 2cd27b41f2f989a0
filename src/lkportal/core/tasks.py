"""Tasks people come for, told as steps of pages and forms: what facts of behaviour are kept of. They are gathered and shown in
staff.behaviour."""

from __future__ import annotations

from dataclasses import dataclass

from lkportal.core.i18n import Text


@dataclass(frozen=True, slots=True)
class TaskStep:
    """A step of a task, done when one of `routes` ("payments:pay") answers: a page is shown, a form or an action is taken.

    A refused form is no step: it is kept as an error of the step it stands for, by its code.
    """

    name: str
    title: Text
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A task: its steps in order, the last of them the end. `unknown`: it is done before anybody is signed in, so it is counted on
    browsers alone whose owner agreed before."""

    name: str
    title: Text
    steps: tuple[TaskStep, ...]
    unknown: bool = False
    order: int = 100
