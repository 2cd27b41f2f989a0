"""Files are kept whole or not at all, and no key leads out of the folder."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import LocalStore, MemoryStore

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.objects import ObjectStorage
from lkportal.core.storage import CHUNK, LocalStorage, Storage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture(params=["a folder", "an object store", "an object store in memory"])
def storage(request: pytest.FixtureRequest, folder: Path) -> Storage:
    if request.param == "a folder":
        return LocalStorage(folder)
    folder.mkdir()
    return ObjectStorage(LocalStore(folder) if request.param == "an object store" else MemoryStore())


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_was(storage: Storage) -> None:
    content = bytes(range(256)) * 1000
    kept = storage.put("documents", io.BytesIO(content))
    assert (kept.size, kept.sha256) == (256_000, hashlib.sha256(content).hexdigest())
    assert storage.get(kept.key) == content
    assert storage.size(kept.key) == 256_000
    assert storage.exists(kept.key)


@pytest.mark.parametrize("make", [lambda: b"bill", lambda: io.BytesIO(b"bill"), lambda: [b"bi", b"", b"ll"]])
def test_content_may_be_bytes_a_file_or_pieces(storage: Storage, make: Callable[[], object]) -> None:
    kept = storage.put("documents", make())  # type: ignore[arg-type]
    assert storage.get(kept.key) == b"bill"


def test_a_large_file_is_read_in_pieces(storage: Storage) -> None:
    kept = storage.put("documents", (b"x" * CHUNK for _ in range(5)))
    pieces = list(storage.open(kept.key))
    assert [len(piece) for piece in pieces] == [CHUNK] * 5


def test_keys_tell_nothing_and_are_never_repeated(storage: Storage) -> None:
    keys = {storage.put("documents", b"same").key for _ in range(50)}
    assert len(keys) == 50
    assert all(key.startswith("documents/") and len(key) == 26 for key in keys)


def test_a_file_that_breaks_off_leaves_nothing(storage: Storage, folder: Path) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError("the phone lost its network")

    with pytest.raises(ConnectionError):
        storage.put("documents", breaks_off())
    assert files(folder) == []


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(storage: Storage, folder: Path) -> None:
    assert storage.put("documents", b"12345", limit=5).size == 5
    with pytest.raises(PortalError, match="larger than 1 MB") as refused:
        storage.put("documents", b"123456", limit=5)
    assert refused.value.status == 413
    assert len(files(folder)) <= 1


def test_deleting_twice_is_no_error_and_reading_then_is_not_found(storage: Storage) -> None:
    key = storage.put("documents", b"bill").key
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)
    for read in (storage.get, storage.open, storage.size):
        with pytest.raises(NotFound, match="no longer kept"):
            read(key)


@pytest.mark.parametrize(
    "key",
    [
        "../portal.toml",
        "documents/../../portal.toml",
        "/etc/hostname",
        "documents/aaaaaaaaaaaaaaaa/b",
        "documents/aaaaaaaaaaaaaaa.",
        "documents/aaaaaaaaaaaaaaaa\n",
        "documents/аааааааааааааааа",
        "documents\\aaaaaaaaaaaaaaaa",
        "",
    ],
)
def test_a_key_that_is_not_ours_finds_nothing(storage: Storage, tmp_path: Path, key: str) -> None:
    (tmp_path / "portal.toml").write_text("secret")
    assert not storage.exists(key)
    for act in (storage.get, storage.open, storage.size, storage.delete):
        with pytest.raises(NotFound):
            act(key)
    assert (tmp_path / "portal.toml").exists()


@settings(max_examples=25)
@given(room=st.text(max_size=8))
def test_no_room_name_leads_out_of_the_folder(room: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "rooms" / "files"
    try:
        LocalStorage(folder).put(room, b"x")
    except NotFound:
        return
    outside = [path for path in folder.parent.iterdir() if path != folder]
    assert outside == []
