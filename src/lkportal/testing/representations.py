"""What an answer tells in whatever form: the text of a page, of JSON and CSV, of a PDF with its title and author."""

from __future__ import annotations

from io import BytesIO

from httpx2 import Response
from pypdf import PdfReader

KINDS = {
    "text/html": "html",
    "application/json": "json",
    "application/problem+json": "json",
    "text/csv": "csv",
    "application/pdf": "pdf",
    "text/plain": "text",
}


def kind_of(answer: Response) -> str:
    """Return the form of an answer: "html", "json", "csv", "pdf", "text", or its media type."""
    media = answer.headers.get("content-type", "").partition(";")[0].strip()
    return KINDS.get(media, media or "nothing")


def told(answer: Response) -> str:
    """Return all that an answer tells its reader: headers, and the text of its body."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{headers}\n{_pdf(answer.content) if kind_of(answer) == 'pdf' else answer.text}"


def _pdf(body: bytes) -> str:
    reader = PdfReader(BytesIO(body))
    about = " ".join(str(value) for value in (reader.metadata or {}).values())
    return "\n".join([about, *(page.extract_text() for page in reader.pages)])
