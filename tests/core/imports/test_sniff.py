"""The encoding, the delimiter and the end of a file's good text are found from its bytes alone."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkportal.core.errors import PortalError
from lkportal.core.importing.cyrillic import likeness
from lkportal.core.importing.sniff import BLOCK, find_delimiter, scan

SURNAMES = "Иванов Петрова Кузнецов Смирнова Щукин Яковлева Фёдоров Жукова Хвостов Чехова Цветаев Ефимова Бычков Лыкова Йоффе Эйхман"
STREETS = "Мира Ленина Юбилейная Щорса Хрустальная Чкалова Фрунзе Энтузиастов Южная Молодёжная"
SERVICES = "холодная вода;водоотведение;отопление;вывоз ТКО;электроэнергия;содержание жилья;капитальный ремонт;домофон"

people = st.tuples(st.sampled_from(SURNAMES.split()), st.sampled_from(["Анна Ильинична", "Юрий Львович", "О. Э."])).map(
    " ".join
)
addresses = st.tuples(st.sampled_from(STREETS.split()), st.integers(1, 200)).map(
    lambda pair: f"ул. {pair[0]}, д. {pair[1]}"
)
cells = st.tuples(people, addresses, st.sampled_from(SERVICES.split(";"))).map(";".join)
cased = cells.flatmap(lambda line: st.sampled_from([line, line.upper(), line.lower()]))
encodings = st.sampled_from(["utf-8", "cp1251", "koi8-r"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "charges.csv"


@given(line=cased, codec=st.sampled_from(["cp1251", "koi8-r"]))
def test_one_russian_line_is_enough_to_know_its_encoding(line: str, codec: str) -> None:
    seen = b" ".join(re.findall(rb"[\x80-\xff]+", line.encode(codec)))
    found = {name: likeness(seen, name).score for name in ("cp1251", "koi8-r")}
    assert max(found, key=lambda name: found[name]) == codec


@given(lines=st.lists(cased, min_size=1, max_size=5), codec=encodings)
def test_a_short_file_is_read_in_the_encoding_it_was_written_in(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], codec: str
) -> None:
    file = tmp_path_factory.mktemp("sniff") / "f.csv"
    file.write_text("\n".join(f"1;{line};10,00" for line in lines), encoding=codec)
    assert scan(file, "").encoding == codec


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1251", "koi8-r"])
def test_the_only_russian_word_may_stand_at_the_far_end(file: Path, codec: str) -> None:
    text = "account;note;amount\n" + "1;-;10,00\n" * 200_000 + "1;услуга домофона;10,00\n"
    file.write_bytes(text.encode(codec))
    found = scan(file, "")
    assert found.encoding == codec.removesuffix("-sig")
    assert found.start == (3 if codec == "utf-8-sig" else 0)
    assert found.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_byte_that_breaks_utf8_is_named_by_its_line_however_far_it_is(file: Path) -> None:
    good = "1;Иванова Ольга;10,00\n".encode()
    file.write_bytes(good * 60_000 + b"1;\xc8\xe2\xe0\xed;10,00\n" + good * 10)
    with pytest.raises(PortalError) as refused:
        scan(file, "")
    assert refused.value.code == "imports.broken_text"
    assert "60001" in str(refused.value.message)


def test_a_letter_cut_by_the_end_of_the_file_or_of_a_block_is_noticed(file: Path) -> None:
    file.write_bytes("1;Ж".encode()[:-1])
    with pytest.raises(PortalError, match=r"imports\.(broken_text|encoding)"):
        scan(file, "utf-8")
    file.write_bytes(b"x" * 10 + b"\n" + b"y" * (BLOCK - 12) + "Ж\n".encode())
    assert scan(file, "").encoding == "utf-8"


def test_an_encoding_that_was_asked_for_is_held_to(file: Path) -> None:
    file.write_bytes("1;Иванова;10,00\n".encode("cp866"))
    assert scan(file, "cp866").encoding == "cp866"
    file.write_bytes(b"1;a;10,00\n1;\x98;10,00\n")
    with pytest.raises(PortalError, match="Line 2 cannot be read as windows-1251"):
        scan(file, "windows-1251")
    with pytest.raises(PortalError, match=r"encoding latin-9 is not known.*windows-1251"):
        scan(file, "latin-9")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"PK\x03\x04rest", "workbook"),
        ("счёт".encode("utf-16"), "utf16"),
        (b"a;b\n\x00\x01", "binary"),
        (b"a\n" + b"x" * (3 * BLOCK), "endless"),
        (bytes(range(0x80, 0xA0)) * 4, "encoding"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(file: Path, content: bytes, code: str) -> None:
    file.write_bytes(content)
    with pytest.raises(PortalError) as refused:
        scan(file, "")
    assert refused.value.code == f"imports.{code}"
    assert len(str(refused.value.message)) > 20


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PortalError, match=r"There is no file nowhere\.csv"):
        scan(tmp_path / "nowhere.csv", "")
    with pytest.raises(PortalError, match="There is no file"):
        scan(tmp_path, "")


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["1;Иванов И.И.;1482,60", "2;Петров;10,00"], ";"),
        (["1\tИванов, Пётр\t1482,60", "2\tПетров\t10,00"], "\t"),
        (['1,"Иванов; Пётр","1482,60"', '2,Петров,"10,00"'], ","),
        (["100,50;200,30", "1,5;2,5"], ";"),
        (["one", "two"], ";"),
    ],
)
def test_the_delimiter_is_not_taken_for_a_decimal_comma(lines: list[str], delimiter: str) -> None:
    assert find_delimiter(lines, 2) == delimiter
