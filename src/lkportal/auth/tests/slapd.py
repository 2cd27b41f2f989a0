"""OpenLDAP as a process of its own: a directory of five people over StartTLS and LDAPS, with a certificate of its own authority."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

SEARCHER = "cn=portal,dc=example,dc=org"
SEARCHERS_PASSWORD = "the portal's own"
OLGAS_PASSWORD = "Ольгин пароль 17"
PLACES = ("/usr/lib/ldap", "/usr/libexec/openldap", "/usr/lib64/openldap")
_CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath {modules}
moduleload back_mdb.so
moduleload memberof.so
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix "dc=example,dc=org"
rootdn "cn=root,dc=example,dc=org"
rootpw "of the tests"
directory {folder}/db
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=portal,dc=example,dc=org" read by self read by * none
"""
_PEOPLE = f"""
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: {SEARCHER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: portal
userPassword: {SEARCHERS_PASSWORD}

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=olga,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: olga
cn:: 0J7Qu9GM0LPQsA==
sn: O
mail: Olga@Example.org
userPassword: {OLGAS_PASSWORD}

dn: uid=pavel,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: pavel
cn: Pavel
sn: P
userPassword: pavel's password

dn: uid=twin,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: twin
cn: Twin
sn: T
userPassword: the twin's password

dn: cn=another,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
cn: another
uid: twin
sn: T
userPassword: the twin's password

dn: uid=elsewhere,ou=people,dc=example,dc=org
objectClass: referral
objectClass: extensibleObject
uid: elsewhere
ref: ldap://127.0.0.1:1/uid=elsewhere,dc=evil,dc=example
"""


@dataclass(frozen=True)
class Slapd:
    """A running directory: its addresses and the file of its authority."""

    plain: str
    secure: str
    authority: Path


@contextmanager
def serving(folder: Path) -> Iterator[Slapd]:
    """Run a directory for the length of a block. Fails the test with a sentence where OpenLDAP is missing."""
    program = shutil.which("slapd", path="/usr/sbin:/usr/bin:/usr/libexec:/sbin")
    if program is None:
        pytest.fail(
            "The tests need OpenLDAP's slapd: run tools/slapd.sh, or install it (Debian: apt-get install slapd)."
        )
    modules = next(place for place in PLACES if Path(place).is_dir())
    certificates(folder)
    (folder / "db").mkdir()
    (folder / "slapd.conf").write_text(_CONF.format(folder=folder, modules=modules))
    (folder / "people.ldif").write_text(_PEOPLE.lstrip())
    conf = str(folder / "slapd.conf")
    subprocess.run(
        [program, "-T", "add", "-f", conf, "-l", str(folder / "people.ldif")], check=True, capture_output=True
    )
    ports = free_port(), free_port()
    addresses = f"ldap://127.0.0.1:{ports[0]}", f"ldaps://127.0.0.1:{ports[1]}"
    process = subprocess.Popen(
        [program, "-d", "0", "-f", conf, "-h", " ".join(addresses)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for port in ports:
            wait_for(port)
        add_the_desk(addresses[0])
        yield Slapd(*addresses, folder / "ca.pem")
    finally:
        process.terminate()
        process.wait(10)


def add_the_desk(url: str) -> None:
    """Make the group of the desk, to a running directory: what people are members of is noted only then."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import ldap3
    root = ldap3.Connection(url, "cn=root,dc=example,dc=org", "of the tests", auto_bind=True)
    assert root.add("cn=desk,dc=example,dc=org", "groupOfNames", {"member": "uid=olga,ou=people,dc=example,dc=org"})
    root.unbind()


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until somebody listens at a port."""
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def certificates(folder: Path) -> None:
    """Write an authority of its own and a server's certificate by it."""
    root, key = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
    server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "directory")])
    now = datetime.now(UTC)

    def certificate(who: x509.Name, public: rsa.RSAPublicKey, *more: x509.ExtensionType) -> bytes:
        made = x509.CertificateBuilder(
            named, who, public, x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1)
        )
        for extension in more:
            made = made.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return made.sign(root, hashes.SHA256()).public_bytes(Encoding.PEM)

    identifier = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    authority = x509.BasicConstraints(ca=True, path_length=None)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    place = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    (folder / "ca.pem").write_bytes(certificate(named, root.public_key(), authority, identifier, usage))
    (folder / "server.pem").write_bytes(certificate(server, key.public_key(), place, by))
    (folder / "server.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
