"""The history of a document as a chain: each event holds the hash of the one before, so none can be changed, left out or put in.
What is hashed here is what evidence.verify, a file that goes out with packages, hashes again; both use its words."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from lkportal.modules.documents.evidence.verify import START, canonical, linked

__all__ = ["START", "canonical", "linked", "salted", "sha256"]


def sha256(content: str | bytes) -> str:
    """Return the SHA-256 of bytes, or of a text in UTF-8, in hex."""
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()


def salted(private: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is private of an event with a salt, so that its hash tells nothing of a short word or a known name."""
    return {"salt": secrets.token_hex(16), **private}
