"""Sign-in names: the login, the confirmed e-mail and the confirmed phone of a person, each of which signs them in. One table with
one unique key keeps them apart: nobody can take as a login what is another's address, however close two requests are."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from sqlalchemy import Connection, String, bindparam, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lkportal.auth.models import Identity, Name
from lkportal.core.columns import UTCDateTime, big_key
from lkportal.core.unit import now

CHOSEN = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
"""A login of one's own choice: Latin letters, digits, dots, hyphens and underscores; never an address or a number."""
_OWNER = select(Name.identity_id).where(Name.name == bindparam("name"))
_MINE = select(Name.name).where(Name.identity_id == bindparam("person")).order_by(Name.id)
_RELEASE = delete(Name).where(Name.identity_id == bindparam("person"), Name.name == bindparam("name"))


def _claiming(dialect: str) -> Any:
    """INSERT of a name that nobody has, neither as a name nor as the login of a row that was written without one."""
    others = exists().where(Identity.login == bindparam("name"), Identity.id != bindparam("person", type_=big_key()))
    source = select(
        bindparam("name", type_=String()).label("name"),
        bindparam("person", type_=big_key()).label("identity_id"),
        bindparam("moment", type_=UTCDateTime()).label("created_at"),
    ).where(~others)
    made = sqlite.insert(Name) if dialect == "sqlite" else postgresql.insert(Name)
    return (
        made.from_select(["name", "identity_id", "created_at"], source)
        .on_conflict_do_nothing()
        .execution_options(preserve_rowcount=True)
    )


_CLAIM = {dialect: _claiming(dialect) for dialect in ("sqlite", "postgresql")}


def claim(db: Session, identity_id: int, name: str) -> bool:
    """Make `name` one of a person's; say whether it is theirs now. Of many who claim it at once one gets it."""
    connection = db.connection()
    values = {"name": name, "person": identity_id, "moment": now(db)}
    if connection.execute(_CLAIM[db.get_bind().dialect.name], values).rowcount:
        return True
    return connection.execute(_OWNER, {"name": name}).scalar() == identity_id


def release(db: Session, identity_id: int, name: str) -> None:
    """Let a name of a person go: others may have it."""
    db.connection().execute(_RELEASE, {"person": identity_id, "name": name})


def of(connection: Connection, identity_id: int) -> list[str]:
    """Return the names a person signs in with."""
    return list(connection.scalars(_MINE, {"person": identity_id}))


def spoken(name: str) -> str:
    """Return a name as people write it: +7 916 123-45-67 for a phone, anything else as it is."""
    try:
        number = phonenumbers.parse(name)
    except phonenumbers.NumberParseException:
        return name
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
