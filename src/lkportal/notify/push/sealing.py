"""Sealing a push message so that only the browser it is for reads it (RFC 8291 over RFC 8188, aes128gcm), and our signature that the
push service checks (RFC 8292, VAPID). Pure: how a message travels stands in sending."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MOST_BYTES = 3_900
"""Longest plain message: push services take 4096 bytes of sealed ones."""
_CURVE = ec.SECP256R1()
_RECORD = 4096
_LAST_RECORD = b"\x02"
_SIGNED_FOR = timedelta(hours=12)


def encode(value: bytes) -> str:
    """Return bytes as browsers and push services write them: base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url text. Raises ValueError for anything else."""
    return urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))


@dataclass(frozen=True)
class OwnKey:
    """The portal's key pair: browsers tie their subscription to `public`, push services check signatures against it."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def read(cls, text: str) -> OwnKey:
        """Return the key that `lkportal keys push` printed. Raises ValueError for anything else."""
        return cls(ec.derive_private_key(int.from_bytes(decode(text), "big"), _CURVE))

    @classmethod
    def new(cls) -> OwnKey:
        """Return a new key."""
        return cls(ec.generate_private_key(_CURVE))

    @property
    def text(self) -> str:
        """The private key, for the setting notify.push.key."""
        return encode(self.private.private_numbers().private_value.to_bytes(32, "big"))

    @cached_property
    def public(self) -> str:
        """The public key as the browser's `applicationServerKey` wants it."""
        return encode(_point(self.private.public_key()))

    def authorization(self, endpoint: str, contact: str, moment: datetime) -> str:
        """Return the header that tells a push service who sends: a signature for its origin alone, good for half a day."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((moment + _SIGNED_FOR).timestamp()),
            "sub": contact,
        }
        head = encode(b'{"typ":"JWT","alg":"ES256"}')
        body = f"{head}.{encode(json.dumps(claims, separators=(',', ':')).encode())}"
        r, s = decode_dss_signature(self.private.sign(body.encode(), ec.ECDSA(SHA256())))
        return f"vapid t={body}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={self.public}"


def seal(
    plain: bytes,
    receiver: bytes,
    secret: bytes,
    *,
    own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the body of a push message for the browser with the public key `receiver` (65 bytes) and the `secret` (16 bytes).

    `own` and `salt` are made anew for every message; tests give those of the standard. Raises ValueError for a strange key or
    a message that is too long.
    """
    if len(plain) > MOST_BYTES:
        raise ValueError(f"a push message of {len(plain)} bytes is too long: at most {MOST_BYTES}")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, receiver)
    own = own or ec.generate_private_key(_CURVE)
    salt = salt or os.urandom(16)
    point = _point(own.public_key())
    shared = own.exchange(ec.ECDH(), theirs)
    material = _derived(shared, secret, b"WebPush: info\x00" + receiver + point, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(key).encrypt(nonce, plain + _LAST_RECORD, None)
    return salt + _RECORD.to_bytes(4, "big") + bytes([len(point)]) + point + sealed


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
