"""Signatures by certificates: files that openssl made are checked, the company's seal is one that pyHanko finds whole."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import select

from lkportal.modules.documents.certificates import detached
from lkportal.modules.documents.evidence import verify
from lkportal.modules.documents.models import Document, Signature
from lkportal.modules.documents.tests.conftest import House, field_of, of_anna, pdf, picture, published

PASSWORD = "of the seal"
pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


def issued(folder: Path, name: str, issuer: Any = None) -> Any:
    """Write NAME.pem and NAME.key of a certificate; `issuer` is what this returned of its root, None for a root."""
    key, subject = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]),
    )
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9000))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_cert_sign=issuer is None, crl_sign=issuer is None,
                key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / f"{name}.pem").write_bytes(made.public_bytes(pem))
    (folder / f"{name}.key").write_bytes(key.private_bytes(pem, pkcs8, plain))
    lock = serialization.BestAvailableEncryption(PASSWORD.encode())
    (folder / f"{name}.p12").write_bytes(pkcs12.serialize_key_and_certificates(name.encode(), key, made, None, lock))
    return made, key


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    root = issued(folder, "root")
    for name in ("anna", "company"):
        issued(folder, name, root)
    issued(folder, "stranger")
    return folder


@pytest.fixture
def portal_overrides(authority: Path) -> dict[str, Any]:
    signing = {
        "trusted": [str(authority / "root.pem")],
        "seal": str(authority / "company.p12"),
        "seal_password": PASSWORD,
    }
    return {"modules": {"enabled": ["documents"]}, "documents": {"signing": signing}}


def by_openssl(authority: Path, content: bytes, who: str, *more: str) -> bytes:
    """Return the detached signature of `content` as openssl makes it."""
    (authority / "content").write_bytes(content)
    signer = ["-signer", str(authority / f"{who}.pem"), "-inkey", str(authority / f"{who}.key")]
    command = [
        "openssl",
        "cms",
        "-sign",
        "-binary",
        "-in",
        str(authority / "content"),
        *signer,
        "-outform",
        "DER",
        *more,
    ]
    return subprocess.run(command, capture_output=True, check=True).stdout


def sent(house: House, page: str, signature: bytes) -> str:
    """Send a signature file from the page of a document; return what the page says then."""
    form = f"{page}signature"
    shown = house.anna.get(page).text
    values = {"token": field_of(shown, form), "seen": field_of(shown, form, "seen")}
    answer = house.anna.post(form, values, page=page, files={"signature": ("a.p7s", signature, "")})
    assert answer.status_code == 303, answer.text
    return house.anna.get(page).text


def test_a_signature_of_openssl_by_a_trusted_certificate_signs_the_document(house: House, authority: Path) -> None:
    body = pdf()
    page = of_anna(house, published(house, asks="sign", body=body))
    assert "belongs to another file" in sent(house, page, by_openssl(authority, body + b"x", "anna"))
    assert "Sign by your own certificate" in house.anna.get(page).text
    signature = by_openssl(authority, body, "anna")

    shown = sent(house, page, signature)

    assert "You signed by your certificate" in shown
    assert "anna" in shown
    with house.anna.portal.database.reading() as connection:
        assert connection.execute(select(Document.state)).scalar() == "signed"
        row = connection.execute(select(Signature.__table__)).one()
    assert (row.verdict, row.signer) == ("valid", "anna")
    package = bytes(house.anna.get(f"{page}evidence").content)
    assert verify.problems(package) == []
    files = dict(verify.unpack(package))
    (kept,) = [each for name, each in files.items() if name.startswith("signatures/")]
    (content,) = [each for name, each in files.items() if name.startswith("versions/")]
    for name, given in (("kept.p7s", kept), ("content", content)):
        (authority / name).write_bytes(given)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(authority / "kept.p7s")]
    command += ["-content", str(authority / "content"), "-CAfile", str(authority / "root.pem"), "-out", "/dev/null"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_certificate_of_nobody_known_stands_beside_it_and_does_not_sign(house: House, authority: Path) -> None:
    body = pdf()
    page = of_anna(house, published(house, asks="sign", body=body))
    signature = by_openssl(authority, body, "stranger")

    shown = sent(house, page, signature)
    assert "Fits; the issuer is unknown" in shown
    assert "Read it and sign" in shown
    sent(house, page, signature)
    with house.anna.portal.database.reading() as connection:
        assert len(connection.execute(select(Signature.id)).all()) == 1


@pytest.mark.parametrize("change", ["inside", "cut", "junk", "no certificate"])
def test_what_is_no_detached_signature_is_refused(house: House, authority: Path, change: str) -> None:
    body = pdf()
    made = by_openssl(
        authority, body, "anna", *{"inside": ["-nodetach"], "no certificate": ["-nocerts"]}.get(change, [])
    )
    wrong = {"cut": made[:-9], "junk": b"\x30\x80" + b"\x30\x80" * 5000}.get(change, made)
    with pytest.raises(detached.NotASignature):
        detached.certified(wrong, body, [authority / "root.pem"])


def test_the_companys_seal_is_whole_until_a_byte_is_changed(house: House, authority: Path) -> None:
    desk = published(house, asks="", seal="on")
    shown = house.anna.get(of_anna(house, desk)).text
    assert "seal of the company" in shown
    assert "company" in house.olga.get(desk).text
    file = next(each.partition('"')[0] for each in shown.split('href="')[1:] if "/file/" in each.partition('"')[0])
    body = house.anna.get(file).content
    known = ValidationContext(trust_roots=[load_cert_from_pemder(str(authority / "root.pem"))], allow_fetching=False)  # type: ignore[no-untyped-call]

    def status(content: bytes) -> Any:
        return validate_pdf_signature(PdfFileReader(BytesIO(content), strict=False).embedded_signatures[0], known)

    assert status(body).bottom_line
    changed = bytearray(body)
    changed[body.index(b"%PDF-") + 20] ^= 1
    assert not status(bytes(changed)).intact
    (authority / "sealed.pdf").write_bytes(body)
    told = subprocess.run(
        ["pdfsig", "-nocert", str(authority / "sealed.pdf")], capture_output=True, text=True, check=True
    )
    assert "Signature is Valid" in told.stdout


def test_only_a_pdf_is_sealed(house: House) -> None:
    desk = published(house, asks="", seal="on", body=picture(), name="photo.png")
    assert "seal of the company" not in house.olga.get(desk).text
