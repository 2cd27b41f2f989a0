"""What others may know: the events. Ids and codes only, no words that people wrote."""

from dataclasses import dataclass
from typing import ClassVar

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text


@dataclass(frozen=True)
class PoliciesImported(Event):
    """A batch of policies came from the insurer's system: one event for each batch of an import (public id)."""

    name: ClassVar[str] = "insurance.policies_imported"
    title: ClassVar[Text | str] = text("insurance.event.imported", "Policies came")
    import_id: str
    batch: int
    policies: int


@dataclass(frozen=True)
class PremiumPaid(Event):
    """A premium of a policy was paid in full; both are public ids."""

    name: ClassVar[str] = "insurance.premium_paid"
    title: ClassVar[Text | str] = text("insurance.event.paid", "Premium paid")
    policy: str
    premium: str
