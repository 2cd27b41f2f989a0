"""The evidence package: everything that proves what was done to a document, in one ZIP that checks itself without the portal. How it is
laid out and checked stands in verify, which goes out with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from lkportal.core.storage import Storage
from lkportal.modules.documents import queries
from lkportal.modules.documents.evidence import verify
from lkportal.modules.documents.models import KeptText

MOST_BYTES = 100_000_000
"""When all versions are larger together, those go along that were signed, and the one on the table."""
_VERIFIER = Path(verify.__file__)
_ODD = re.compile(r"[^\w.-]+")
_README = """Доказательства по документу / Evidence of a document

versions/      документы, байт в байт / the documents, to the byte
history.json   что произошло, цепочкой хешей / what happened, as a chain of hashes
texts/         тексты, под которыми подписано / the texts that were signed under
signatures/    файлы подписей, если есть / signature files, if any
verify.py      проверка: нужен только Python / the check: needs nothing but Python

    python verify.py PACKAGE.zip --head HASH

HASH стоит в кабинете рядом с документом и в письме о подписании.
HASH stands in the portal beside the document and in the letter about the signature.

Файл подписи проверяет / a signature file is checked by:

    openssl cms -verify -binary -inform DER -in signatures/N.p7s -content versions/N-NAME -CAfile ROOT.pem -out /dev/null
"""


def build(connection: Connection, storage: Storage, row: Any) -> bytes:
    """Return the package of a document (a row of queries.DOCUMENT)."""
    versions = queries.versions(connection, row.id)[::-1]
    history = queries.history(connection, row.id)
    signatures = queries.signatures(connection, row.id)
    events = [{"facts": each.facts, "private": each.private or None, "hash": each.hash} for each in history]
    paths = _paths(versions, {row.version} | {each.number for each in signatures})
    files = {paths[each.number]: storage.get(each.file_key) for each in versions if _is_first(each, paths)}
    files |= {f"signatures/{each.sha256}.p7s": storage.get(each.file_key) for each in signatures if each.file_key}
    files |= _texts(connection, [each.facts for each in history])
    files[verify.HISTORY] = verify.canonical(events).encode()
    files["README.txt"] = _README.encode()
    files["verify.py"] = _VERIFIER.read_bytes()
    manifest = {
        "format": verify.FORMAT,
        "document": row.public_id,
        "head": row.head,
        "versions": [{"number": each.number, "sha256": each.sha256, "path": paths[each.number]} for each in versions],
        "files": {name: verify.entry(content) for name, content in files.items()},
    }
    listed = verify.canonical(manifest).encode()
    root = (verify.entry(listed)["sha256"] + "\n").encode()
    return verify.pack([(verify.MANIFEST, listed), (verify.LISTED, root), *sorted(files.items())])


def _paths(versions: Sequence[Any], needed: set[int]) -> Mapping[int, str]:
    """Return where the bytes of each version lie, "" for those that do not go along; what came back lies where it lay first."""
    fits = sum(each.size for each in versions if not each.of_version) <= MOST_BYTES
    wanted = {each.of_version or each.number for each in versions if fits or each.number in needed}
    own = {
        each.number: f"versions/{each.number}-{_ODD.sub('_', each.title)[-80:]}"
        for each in versions
        if each.number in wanted and each.file_key
    }
    return {each.number: own.get(each.of_version or each.number, "") for each in versions}


def _is_first(each: Any, paths: Mapping[int, str]) -> bool:
    return not each.of_version and bool(paths[each.number])


def _texts(connection: Connection, told: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    wanted = {each for facts in told for each in verify.texts_of(facts)}
    rows = connection.execute(select(KeptText.hash, KeptText.body).where(KeptText.hash.in_(sorted(wanted))))
    return {f"texts/{row.hash}.txt": row.body.encode() for row in rows} if wanted else {}
