"""The company's seal: a PAdES signature inside a PDF, made by pyHanko (the extra `signing`) with the certificate of the settings. Whoever
opens the file sees whose it is and that nothing was changed since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

from lkportal.core.errors import PortalError, StartupError
from lkportal.core.i18n import text
from lkportal.modules.documents.certificates import detached

FIELD = "CompanySeal"


class NotSealed(PortalError):
    """A file cannot be sealed: it is no PDF that may be added to."""

    def __init__(self) -> None:
        words = text(
            "documents.seal.unfit", "This PDF cannot be sealed. Save it anew as a plain PDF, without a password."
        )
        super().__init__("not_sealed", words, 422)
        self.words = words


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed PDF: its bytes, the name and the serial number in the certificate."""

    body: bytes
    signer: str
    serial: str


class Seal:
    """The company's certificate, loaded when first used. Fills a port."""

    def __init__(self, portal: Any) -> None:
        table = portal.settings_of("documents").signing
        self._file = portal.configuration.path(table.seal) if table.seal else None
        self._password: str = table.seal_password.get_secret_value()

    @property
    def on(self) -> bool:
        """Whether documents can be sealed: a certificate is configured and the extra is installed."""
        return self._file is not None and detached.available()

    def seal(self, body: bytes) -> Sealed:
        """Return a PDF with the seal added. Raises NotSealed. Takes tenths of a second: not inside a unit."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - an optional extra
        from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415
        from pyhanko.sign import PdfSignatureMetadata, async_sign_pdf  # noqa: PLC0415
        from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415

        about = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        made = BytesIO()
        try:
            writer = IncrementalPdfFileWriter(BytesIO(body), strict=False)  # many a maker of PDF is careless
            asyncio.run(async_sign_pdf(writer, about, self._signer, output=made))
        except (PdfError, ValueError, TypeError, KeyError) as error:
            raise NotSealed from error
        own = self._signer.signing_cert
        return Sealed(made.getvalue(), str(own.subject.native.get("common_name", "")), f"{own.serial_number:x}"[:64])

    @cached_property
    def _signer(self) -> Any:
        from pyhanko.sign import SimpleSigner  # noqa: PLC0415 - an optional extra

        found = SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]
            str(self._file), passphrase=self._password.encode() or None
        )
        if found is None:
            raise StartupError(
                "documents_seal",
                f"documents.signing.seal, {self._file}, cannot be opened: name a PKCS#12 file and its password.",
            )
        return found
