"""Detached CMS signatures (RFC 5652, CAdES): what a customer made with a certificate of their own over the bytes of a version. Checked by
pyHanko, the extra `signing`; GOST algorithms, which it does not know, are told from what does not fit, and kept unchecked."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text

MOST_BYTES = 512 * 1024
_GOST = "1.2.643."
Verdict = Literal["valid", "unknown_issuer", "unchecked"]


@dataclass(frozen=True, slots=True)
class Certified:
    """What a signature file told: who signed, by which certificate, and how far that could be checked.

    `valid`: it fits the bytes and its certificate leads to a root the company trusts; `unknown_issuer`: it fits the bytes, the
    certificate is anybody's; `unchecked`: its algorithms cannot be computed here.
    """

    body: bytes
    signer: str
    serial: str
    verdict: Verdict


class NotASignature(PortalError):
    """The file is no signature of these bytes; the sentence says what to send."""

    def __init__(self, message: Text) -> None:
        super().__init__("not_a_signature", message, 422)
        self.words = message


def available() -> bool:
    """Whether signatures can be checked here: the extra `signing` is installed."""
    return importlib.util.find_spec("pyhanko") is not None


def certified(sent: bytes, content: bytes, trusted: Sequence[Path]) -> Certified:
    """Return what the signature `sent` (DER or PEM) says of `content`. Raises NotASignature. Takes milliseconds of a core."""
    from asn1crypto import cms, pem  # noqa: PLC0415 - an optional extra

    try:
        body = pem.unarmor(sent)[2] if sent.lstrip().startswith(b"-----BEGIN") else sent
        info = cms.ContentInfo.load(body, strict=True)
        signed = info["content"] if info["content_type"].native == "signed_data" else None
        signer = signed["signer_infos"][0] if signed is not None and len(signed["signer_infos"]) == 1 else None
        own = _certificate(signed, signer) if signer is not None else None
        detached = signed is not None and signed["encap_content_info"]["content"].native is None
        foreign = signer is not None and signer["digest_algorithm"]["algorithm"].dotted.startswith(_GOST)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotASignature(_BROKEN) from error
    if own is None or not detached:
        raise NotASignature(_BROKEN)
    name, serial = _name(own), f"{own.serial_number:x}"[:64]
    if foreign:
        return Certified(body, name, serial, "unchecked")
    return Certified(body, name, serial, _verdict(signed, content, trusted))


def _verdict(signed: Any, content: bytes, trusted: Sequence[Path]) -> Verdict:
    from pyhanko.keys import load_certs_from_pemder  # noqa: PLC0415 - an optional extra
    from pyhanko.sign.validation import async_validate_detached_cms  # noqa: PLC0415
    from pyhanko.sign.validation.errors import SignatureValidationError  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    roots = list(load_certs_from_pemder([str(each) for each in trusted]))  # type: ignore[no-untyped-call]
    known = ValidationContext(trust_roots=roots, allow_fetching=False)
    try:
        status = asyncio.run(async_validate_detached_cms(content, signed, signer_validation_context=known))
    except (SignatureValidationError, ValueError, TypeError, NotImplementedError) as error:
        raise NotASignature(_BROKEN) from error
    if not status.intact or not status.valid:
        raise NotASignature(_OTHER)
    return "valid" if status.trusted else "unknown_issuer"


def _certificate(signed: Any, signer: Any) -> Any:
    """Return the certificate that the signer names, out of those that came along, or None."""
    wanted = signer["sid"].chosen
    for each in signed["certificates"]:
        found = each.chosen
        if found.issuer == wanted["issuer"] and found.serial_number == wanted["serial_number"].native:
            return found
    return None


def _name(certificate: Any) -> str:
    told = certificate.subject.native
    return str(told.get("common_name") or certificate.subject.human_friendly)[:200]


_BROKEN = text(
    "documents.cms.broken",
    "This is no detached signature with its certificate. Make it as a separate file (CMS, .p7s or .sig) over the downloaded document.",
)
_OTHER = text(
    "documents.cms.other",
    "This signature belongs to another file. Download the document here, sign exactly that file and send the signature.",
)
