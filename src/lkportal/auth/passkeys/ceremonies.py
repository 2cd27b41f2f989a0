"""What browsers and keys say to each other, as WebAuthn Level 3 has it: options out, answers in. The extra `passkeys` does the
reading and the checking of signatures; rows and rules stand in keys."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

NOBODYS_KEY = "pQECAyYgASFYIFRTYuinPo1tD1yJxaTE3uQXjtrymydQAfB6iEJh5Wb6IlggiWMRIOxZJd198hjrhUXtvnHJ8JStw75l4UWZtomwglU"
"""A public key whose other half was never kept: what answers of unknown keys are checked against, to take as long as others."""
_LONGEST = 16_000
_MILLISECONDS = 600_000


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks for keys: the domain they belong to, the company's name, the only origins an answer may come from."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says of itself before anything is checked: which key, which challenge, whose."""

    credential: bytes
    challenge: bytes
    handle: bytes
    raw: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new key as it was checked. `synced`: it may live on more devices than the one it was made on."""

    credential: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    synced: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A proof as it was checked. `verified`: the device asked its person for a finger, a face or a code."""

    sign_count: int
    verified: bool


def domain_of(public_url: str) -> str:
    """Return the domain that keys of a site belong to, or "" where browsers know no passkeys: plain http, bare addresses."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.scheme != "https" and host != "localhost" and not host.endswith(".localhost"):
        return ""
    try:
        ip_address(host)
    except ValueError:
        return host
    return ""


def creation(party: Party, challenge: bytes, handle: str, login: str, name: str, known: Sequence[str]) -> str:
    """Return the options of a new key as JSON. `known` are keys the person has: no device makes a second one."""
    import webauthn  # noqa: PLC0415 - the extra `passkeys`
    from webauthn.helpers import structs  # noqa: PLC0415

    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=handle.encode(),
        user_name=login,
        user_display_name=name or login,
        challenge=challenge,
        timeout=_MILLISECONDS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=unpacked(each)) for each in known],
    )
    return webauthn.options_to_json(options)


def request(party: Party, challenge: bytes, allowed: Sequence[str] = ()) -> str:
    """Return the options of a proof as JSON. With none allowed by name, any key of ours will do: nobody types who they are."""
    import webauthn  # noqa: PLC0415 - the extra `passkeys`
    from webauthn.helpers import structs  # noqa: PLC0415

    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_MILLISECONDS,
        allow_credentials=[structs.PublicKeyCredentialDescriptor(id=unpacked(each)) for each in allowed],
        user_verification=structs.UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options)


def read(raw: str) -> Answer | None:
    """Return what an answer says of itself, or None for what is none. Nothing of it is believed yet."""
    if not 0 < len(raw) <= _LONGEST:
        return None
    try:
        given = json.loads(raw)
        response = given["response"]
        said = json.loads(unpacked(response["clientDataJSON"]))
        handle = unpacked(response.get("userHandle") or "")
        return Answer(unpacked(given["id"]), unpacked(said["challenge"]), handle, raw)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def made(party: Party, answer: Answer) -> Made | None:
    """Return the new key of an answer, or None when it was not made here, for us, now."""
    import webauthn  # noqa: PLC0415 - the extra `passkeys`
    from webauthn.helpers import structs  # noqa: PLC0415

    try:
        found = webauthn.verify_registration_response(
            credential=answer.raw,
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
        )
        transports = json.loads(answer.raw)["response"].get("transports") or []
    except Exception:  # noqa: BLE001 - foreign bytes: whatever is wrong with them, they are refused
        return None
    return Made(
        found.credential_id,
        found.credential_public_key,
        found.sign_count,
        tuple(str(each)[:20] for each in transports[:4]) if isinstance(transports, list) else (),
        found.credential_device_type == structs.CredentialDeviceType.MULTI_DEVICE,
    )


def shown(party: Party, answer: Answer, public_key: str) -> Shown | None:
    """Return what an answer proves with this public key, or None. The counter is for the caller to compare, in its row."""
    import webauthn  # noqa: PLC0415 - the extra `passkeys`

    try:
        found = webauthn.verify_authentication_response(
            credential=answer.raw,
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=unpacked(public_key),
            credential_current_sign_count=0,
        )
    except Exception:  # noqa: BLE001 - foreign bytes: whatever is wrong with them, they are refused
        return None
    return Shown(found.new_sign_count, found.user_verified)


def packed(value: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def unpacked(value: Any) -> bytes:
    """Return the bytes of base64url with or without padding. Raises ValueError, TypeError."""
    if not isinstance(value, str):
        raise TypeError("base64url is text")
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))
