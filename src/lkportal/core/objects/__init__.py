"""Files in an object store (S3 and what speaks like it) by obstore, the extra `s3`. A file is put there as one, after it came here whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from lkportal.core.errors import StartupError
from lkportal.core.settings import StorageTable
from lkportal.core.storage import (
    CHUNK,
    KEY,
    LocalStorage,
    Storage,
    StoredFile,
    absent,
    checked,
    copied,
    new_key,
    pieces,
)

IN_MEMORY = 1024 * 1024


class ObjectStorage:
    """Storage in an obstore store: `store` is an S3Store, or any other that obstore has."""

    def __init__(self, store: Any) -> None:
        import obstore  # noqa: PLC0415 - an optional extra

        self._store, self._obstore = store, obstore

    def put(self, room: str, content: bytes | BinaryIO | Iterable[bytes], *, limit: int | None = None) -> StoredFile:
        key = new_key(room)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            size, digest = copied(pieces(content), file, limit)
            file.seek(0)
            self._obstore.put(self._store, key, file.read() if size <= IN_MEMORY else file)
        return StoredFile(key, size, digest)

    def get(self, key: str) -> bytes:
        return b"".join(self.open(key))

    def open(self, key: str) -> Iterator[bytes]:
        try:
            found = self._obstore.get(self._store, checked(key))
        except FileNotFoundError as error:
            raise absent() from error
        return _even(found)

    def size(self, key: str) -> int:
        try:
            return int(self._obstore.head(self._store, checked(key))["size"])
        except FileNotFoundError as error:
            raise absent() from error

    def exists(self, key: str) -> bool:
        try:
            return KEY.fullmatch(key) is not None and self._obstore.head(self._store, key) is not None
        except FileNotFoundError:
            return False

    def delete(self, key: str) -> None:
        try:
            self._obstore.delete(self._store, checked(key))
        except FileNotFoundError:
            return


def s3(table: StorageTable) -> ObjectStorage:
    """Return the storage of a bucket. Raises StartupError where the extra is missing."""
    try:
        from obstore.store import S3Store  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise StartupError(
            "storage_s3",
            'storage.bucket needs the extra: pip install "lkportal[s3]", or leave it empty to keep files here.',
        ) from error
    own: dict[str, Any] = {"endpoint": table.endpoint} if table.endpoint else {}
    http: Any = {"timeout": f"{table.seconds}s", "allow_http": table.endpoint.startswith("http://")}
    store = S3Store(
        table.bucket,
        prefix=table.prefix or None,
        region=table.region,
        access_key_id=table.access_key.get_secret_value(),
        secret_access_key=table.secret_key.get_secret_value(),
        client_options=http,
        **own,
    )
    return ObjectStorage(store)


def kept_by(table: StorageTable, folder: Path) -> Storage:
    """Return the storage of the settings: a bucket where one is named, else a folder of this machine."""
    return s3(table) if table.bucket else LocalStorage(folder)


def _even(found: Any) -> Iterator[bytes]:
    """Give what comes in pieces of any size in pieces of CHUNK bytes."""
    rest = b""
    for piece in found.stream(min_chunk_size=CHUNK):
        rest += bytes(piece)
        while len(rest) >= CHUNK:
            yield rest[:CHUNK]
            rest = rest[CHUNK:]
    if rest:
        yield rest
