"""Form bodies: parsed within limits, whatever bytes come."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkportal.core.errors import PortalError
from lkportal.web.forms.formdata import close_uploads, parse_form
from lkportal.web.forms.multipart import MAX_FIELDS, MAX_FILES

T = TypeVar("T")
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=edge"


def part(headers: str, body: bytes) -> bytes:
    return f"--edge\r\n{headers}\r\n\r\n".encode() + body + b"\r\n"


def file(name: str, body: bytes = b"x") -> bytes:
    return part(f'Content-Disposition: form-data; name="doc"; filename="{name}"\r\nContent-Type: text/html', body)


END = b"--edge--\r\n"


def parsed(kind: str, body: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, str, str, bytes]]]:
    """Return the fields of a form, and of its files what they say."""
    fields, uploads = parse_form(kind, body)
    said = [(each.field, each.name, each.content_type, each.body) for each in uploads]
    close_uploads(uploads)
    return fields.multi_items(), said


def test_both_kinds_of_forms_are_read() -> None:
    assert parsed(URLENCODED, b"a=1&b=%D0%B0&b=2&empty=") == ([("a", "1"), ("b", "а"), ("b", "2"), ("empty", "")], [])

    body = part('Content-Disposition: form-data; name="a"', "я".encode()) + file("bill.pdf", b"%PDF") + END
    assert parsed(MULTIPART, body) == ([("a", "я")], [("doc", "bill.pdf", "text/html", b"%PDF")])


def test_a_file_field_left_empty_is_no_file() -> None:
    assert parsed(MULTIPART, file("", b"") + END)[1] == []


@pytest.mark.parametrize(
    ("sent", "kept"), [("../../etc/passwd", "passwd"), ("C:\\\\Users\\\\a.txt", "a.txt"), ("/a/b", "b")]
)
def test_names_of_files_lose_their_paths(sent: str, kept: str) -> None:
    assert parsed(MULTIPART, file(sent) + END)[1][0][1] == kept


def test_other_content_has_no_fields() -> None:
    for kind in ("application/json", "text/plain", "", "multipart/mixed; boundary=x", "nonsense;;;"):
        fields, files = parse_form(kind, b'{"a": 1}')
        assert (list(fields), files) == ([], [])


BROKEN = {
    "not UTF-8": (URLENCODED, b"a=%ff"),
    "bytes outside ASCII": (URLENCODED, "a=я".encode()),
    "NUL": (URLENCODED, b"a=%00"),
    "NUL in a name": (URLENCODED, b"a%00=1"),
    "too many fields": (URLENCODED, b"&".join(b"a=1" for _ in range(MAX_FIELDS + 1))),
    "a million empty ones": (URLENCODED, b"&" * 60_000),
    "no boundary": ("multipart/form-data", part('Content-Disposition: form-data; name="a"', b"1") + END),
    "another boundary": (
        "multipart/form-data; boundary=other",
        part('Content-Disposition: form-data; name="a"', b"1") + END,
    ),
    "no name": (MULTIPART, part("Content-Disposition: form-data", b"1") + END),
    "a field not UTF-8": (MULTIPART, part('Content-Disposition: form-data; name="a"', b"\xff") + END),
    "a field too long": (MULTIPART, part('Content-Disposition: form-data; name="a"', b"x" * 70_000) + END),
    "a field far too long": (MULTIPART, part('Content-Disposition: form-data; name="a"', b"x" * 900_000) + END),
    "too many empty files": (MULTIPART, b"".join(file("", b"") for _ in range(MAX_FIELDS + MAX_FILES + 1)) + END),
    "base64": (
        MULTIPART,
        part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64', b"MQ==") + END,
    ),
    "too many files": (MULTIPART, b"".join(file("a") for _ in range(MAX_FILES + 1)) + END),
    "too many headers": (MULTIPART, part("\r\n".join(f"X-{n}: 1" for n in range(1000)), b"1") + END),
    "cut off": (MULTIPART, part('Content-Disposition: form-data; name="a"', b"half")),
    "an unknown packing": (
        MULTIPART,
        part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: x-evil', b"1") + END,
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_form_is_a_clear_refusal(case: str) -> None:
    kind, body = BROKEN[case]
    with pytest.raises(PortalError) as caught:
        parse_form(kind, body)
    assert (caught.value.code, caught.value.status) == ("form_broken", 400)


def test_a_large_form_is_never_held_in_memory() -> None:
    sent = file("a.jpg", bytes(15_000_000)) + part('Content-Disposition: form-data; name="a"', b"1") + END
    with TemporaryFile() as body:
        body.write(sent)
        body.seek(0)
        (fields, files), most = measured(lambda: parse_form(MULTIPART, body))
    assert (fields.multi_items(), files[0].size, files[0].file.seek(0, 2)) == ([("a", "1")], 15_000_000, 15_000_000)
    assert most < 2_000_000
    close_uploads(files)


def test_fields_that_had_to_go_to_the_disk_are_no_form() -> None:
    with TemporaryFile() as body:
        body.write(b"a=" + b"%41" * 300_000)
        body.seek(0)
        with pytest.raises(PortalError) as caught:
            parse_form(URLENCODED, body)
    assert caught.value.code == "form_broken"


def measured(work: Callable[[], T]) -> tuple[T, int]:
    """Return what `work` returns and how many bytes it held at most."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=300), st.sampled_from([URLENCODED, MULTIPART]))
def test_no_bytes_break_the_parser(body: bytes, kind: str) -> None:
    try:
        fields, files = parsed(kind, b"--edge\r\n" + body if kind == MULTIPART else body)
    except PortalError:
        return
    assert len(fields) <= MAX_FIELDS
    assert len(files) <= MAX_FILES


def test_hostile_bodies_cost_little_time() -> None:
    hostile = [
        (URLENCODED, b"a=" + b"%41" * 300_000),
        (MULTIPART, b"--edge\r\n" * 100_000),
        (MULTIPART, part('Content-Disposition: form-data; name="a"; filename="b"', b"\r\n--edg" * 150_000) + END),
        (MULTIPART, part('Content-Disposition: form-data; name="' + "\\" * 100_000 + '"', b"1") + END),
    ]
    for kind, body in hostile:
        began = time.perf_counter()
        try:
            parsed(kind, body)
        except PortalError:
            pass
        assert time.perf_counter() - began < 2
