"""What an answer tells in whatever form: the text of a page, of JSON and CSV, of a PDF with its title and author."""

from __future__ import annotations

from contextlib import closing

from httpx2 import Response
from pypdfium2 import PdfDocument

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
    with closing(PdfDocument(body)) as paper:
        about = " ".join(paper.get_metadata_dict().values())
        return "\n".join([about, *(page.get_textpage().get_text_bounded() for page in paper)])
