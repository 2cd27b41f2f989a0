"""A statement sent by a person: opened in a process of its own, judged, handed on as a file of rows."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import IO

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.strangers import Limits, Opener

MOST_BYTES = 8 * 1024 * 1024
ACCEPT = ".txt,.TXT,text/plain"
_READ = Path(__file__).with_name("reading.py")
_LIMITS = Limits(memory=512 * 1024 * 1024, answer=32 * 1024 * 1024, cpu=15, seconds=20.0)
_NOT_STATEMENT = text(
    "bank.file.other",
    "This is not a bank statement for 1C. In the bank's client choose “Export to 1C” (the file kl_to_1c.txt) and send that file.",
)
_FAULTS: Mapping[str, Text] = {
    "binary": _NOT_STATEMENT,
    "other": _NOT_STATEMENT,
    "empty": text("bank.file.empty", "The file is empty. Choose another one."),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that could be read: `path` holds its receipts as rows of JSON, `digest` is of the file as it was sent."""

    path: Path
    digest: str
    accounts: tuple[str, ...]
    receipts: int
    others: int


@contextmanager
def opened(sent: IO[bytes], opener: Opener) -> Iterator[Statement]:
    """A statement as rows, until the block ends. Raises PortalError 422 with what to do, and what the opener raises."""
    if sent.seek(0, SEEK_END) > MOST_BYTES:
        raise _large()
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryDirectory() as folder:
        outcome = opener.open(_READ, sent, answer, _LIMITS)
        if outcome in ("large", "slow"):
            raise _large()
        if outcome != "answered":
            raise PortalError("bank.file", _NOT_STATEMENT, 422)
        head = json.loads(answer.readline())
        if "fault" in head:
            raise _fault(head["fault"], int(head["line"]))
        path = Path(folder) / "operations.ndjson"
        with path.open("wb") as rows:
            while piece := answer.read(1 << 20):
                rows.write(piece)
        sent.seek(0)
        digest = hashlib.sha256()
        while piece := sent.read(1 << 20):
            digest.update(piece)
        yield Statement(path, digest.hexdigest(), tuple(head["accounts"]), int(head["receipts"]), int(head["others"]))


def demand_own(statement: Statement, accounts: tuple[str, ...]) -> None:
    """Raise PortalError 422 for a statement of a bank account that is not among the company's; any will do where none is named."""
    strange = [each for each in statement.accounts if accounts and each not in accounts]
    if strange:
        words = text(
            "bank.file.strange",
            "This is a statement of the account %(account)s, which is not one of yours in [bank] accounts. Nothing was loaded.",
            account=strange[0][:20],
        )
        raise PortalError("bank.strange", words, 422)


def _fault(fault: str, line: int) -> PortalError:
    if fault in _FAULTS:
        return PortalError("bank.file", _FAULTS[fault], 422)
    if fault == "many":
        return _large()
    words = {
        "sum": text(
            "bank.file.sum",
            "The document at line %(line)s has no sum that can be read. Export the statement again.",
            line=line,
        ),
        "day": text(
            "bank.file.day",
            "The document at line %(line)s has no date that can be read. Export the statement again.",
            line=line,
        ),
    }.get(fault)
    cut = text(
        "bank.file.cut",
        "The statement breaks off at line %(line)s: its end is missing. Export it again, whole.",
        line=line,
    )
    return PortalError("bank.file", words or cut, 422)


def _large() -> PortalError:
    words = text(
        "bank.file.large",
        "The statement is too large: at most %(mb)s MB. Export fewer days at once.",
        mb=MOST_BYTES >> 20,
    )
    return PortalError("bank.file_large", words, 422)
