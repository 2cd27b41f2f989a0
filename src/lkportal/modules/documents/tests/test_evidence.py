"""The evidence package: whole it says so, and whatever is changed in it is found, without the portal."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from lkportal.modules.documents.evidence import chain, verify
from lkportal.modules.documents.tests.conftest import House, of_anna, pdf, picture, public, published, step
from lkportal.modules.documents.tests.test_signing import coded, signed
from lkportal.testing import Mailbox

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


@pytest.fixture
def package(house: House, mailbox: Mailbox, work_off: Any) -> bytes:
    """The package of a document that went to and fro and was signed."""
    desk = published(house, asks="sign", title="Договор поставки", remark="Смотрите раздел 3")
    page = of_anna(house, desk)
    step(house.anna, page, "remark", files={"file": ("мой вариант.png", picture(), "")}, remark="Возьмите мой")
    step(house.olga, desk, "version", files={"file": ("второй.pdf", pdf(2), "")}, remark="Исправили")
    code = coded(house, page, mailbox, work_off, agreed="on")
    assert signed(house, page, code).status_code == 303
    given = house.anna.get(f"{page}evidence")
    assert given.headers["content-type"] == "application/zip"
    assert house.olga.get(f"/staff/documents/{public(desk)}/evidence").content == given.content
    assert house.boris.get(f"{page}evidence").status_code == 404
    return bytes(given.content)


def test_a_whole_package_is_whole_for_its_own_verifier_alone(package: bytes, tmp_path: Path) -> None:
    file = tmp_path / "evidence.zip"
    file.write_bytes(package)
    with zipfile.ZipFile(BytesIO(package)) as packed:
        assert packed.testzip() is None
        (tmp_path / "verify.py").write_bytes(packed.read("verify.py"))
    head = verify.head_of(package)

    def run(*words: str) -> Any:
        command = [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(file), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONUTF8": "1"})

    told = run("--head", head)
    assert (told.returncode, told.stderr) == (0, "")
    assert "Договор поставки" in told.stdout
    assert "WHOLE" in told.stdout
    assert run("--head", "0" * 64).returncode == 1
    file.write_bytes(package[:-1])
    assert run().returncode == 1
    assert (
        subprocess.run([sys.executable, str(tmp_path / "verify.py")], capture_output=True, check=False).returncode == 2
    )


@pytest.mark.parametrize("flips", [100, pytest.param(1000, marks=pytest.mark.proof)])
def test_every_flipped_byte_is_found(package: bytes, flips: int) -> None:
    assert verify.problems(package) == []
    chance = random.Random(20261123)
    missed = []
    for _ in range(flips):
        place, bit = chance.randrange(len(package)), 1 << chance.randrange(8)
        changed = bytearray(package)
        changed[place] ^= bit
        if not verify.problems(bytes(changed)):
            missed.append((place, bit))
    assert missed == []


def test_what_is_made_anew_around_a_change_does_not_fit_the_hash_that_was_told(package: bytes) -> None:
    head, files = verify.head_of(package), dict(verify.unpack(package))
    forged = remade(files, "history.json", lambda body: body.replace("Возьмите мой".encode(), "Возьмите все".encode()))
    assert verify.problems(forged) != []
    name = next(each for each in files if each.startswith("versions/1-"))
    assert verify.problems(remade(files, name, lambda body: body + b"\n")) != []
    dropped = {each: body for each, body in files.items() if not each.startswith("texts/")}
    assert verify.problems(remade(dropped, "README.txt", lambda body: body)) != []
    history = json.loads(files["history.json"])[:-1]
    cut = remade(files, "history.json", lambda _: verify.canonical(history).encode(), head=history[-1]["hash"])
    assert verify.problems(cut) == []
    assert verify.problems(cut, head) != []


@pytest.mark.parametrize("junk", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\x00" * 18, b"\x00" * 500])
def test_junk_is_no_package(portal_url: str, junk: bytes) -> None:
    assert len(verify.problems(junk)) == 1


def remade(files: dict[str, bytes], name: str, change: Any, head: str = "") -> bytes:
    """Return a package with one file changed and its lists made anew, as a forger would."""
    made = {**files, name: change(files[name])}
    manifest = json.loads(made.pop(verify.MANIFEST))
    made.pop(verify.LISTED)
    manifest["files"] = {each: verify.entry(body) for each, body in made.items()}
    manifest["head"] = head or manifest["head"]
    listed = verify.canonical(manifest).encode()
    root = (chain.sha256(listed) + "\n").encode()
    return verify.pack([(verify.MANIFEST, listed), (verify.LISTED, root), *sorted(made.items())])
