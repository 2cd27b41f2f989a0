"""Forms: what people type in their many ways becomes exact values, or a kind word beside the field; nothing typed is lost."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError, field_validator
from starlette.datastructures import MultiDict

from lkportal.core.i18n import text
from lkportal.web import (
    WHOLE,
    Amount,
    Checkbox,
    Code,
    Day,
    Email,
    FormModel,
    Label,
    Login,
    LongText,
    Password,
    Phone,
    PositiveAmount,
    PublicId,
    ShortText,
    VolumeField,
    empty_form,
    misfit,
)
from lkportal.web.forms.reading import read_fields
from tests.web.house import locales


class ReadingForm(FormModel):
    amount: Annotated[Amount, Label(text("demo.form.amount", "Amount"))]
    comment: ShortText = ""
    tariff: Literal["day", "night"] = "day"
    agree: Checkbox = False
    tags: tuple[str, ...] = ()
    values: dict[str, VolumeField] = Field({})
    rooms: Annotated[int, Field(ge=1, le=9)] = 1

    @field_validator("comment")
    @classmethod
    def _kind(cls, value: str) -> str:
        if value == "rude":
            raise misfit(text("demo.form.rude", "Say it kindly."))
        return value


def read(*pairs: tuple[str, str]) -> Any:
    return read_fields(MultiDict(list(pairs)), ReadingForm)


def test_a_form_is_read_into_exact_values() -> None:
    form = read(
        ("csrf_token", "x"),
        ("amount", " 1 482,60 ₽"),
        ("agree", "on"),
        ("tags", "a"),
        ("tags", "b"),
        ("values[Xk3]", "00241,5"),
        ("values[Yz9]", ""),
        ("comment", "  many   spaces "),
    )

    assert form.valid
    assert form.data.amount == 148260
    assert form.data.agree is True
    assert form.data.tags == ("a", "b")
    assert form.data.values == {"Xk3": 241500}
    assert form.data.comment == "many spaces"


def test_what_was_typed_is_kept_beside_its_error() -> None:
    form = read(("amount", "many"), ("values[Xk3]", "-5"), ("rooms", "12"), ("tariff", "noon"), ("comment", "rude"))

    assert not form.valid
    assert {name: str(words) for name, words in form.errors.items()} == {
        "amount": "Enter an amount such as 1482.60.",
        "values[Xk3]": "Enter digits as the meter shows them, such as 241 or 241.5.",
        "rooms": "Enter 9 or less.",
        "tariff": "Choose one of the options.",
        "comment": "Say it kindly.",
    }
    assert form.value("amount") == "many"
    assert form.value("values[Xk3]") == "-5"
    assert form.value("nothing") == ""


@pytest.mark.parametrize("typed", [[], [("amount", "")], [("amount", "   ")]])
def test_empty_is_missing(typed: list[tuple[str, str]]) -> None:
    form = read(*typed)

    assert [(name, str(words)) for name, words in form.summary] == [("amount", "Amount: Fill this in.")]


def test_the_summary_speaks_the_readers_language() -> None:
    words = read(("amount", "")).summary[0][1]

    assert locales().get("ru").render(words) == "«Amount». Заполните это поле."


@pytest.mark.parametrize(
    "pairs",
    [
        [("amount", "5"), ("role", "admin")],
        [("amount", "5"), ("is_staff", "")],
        [("amount", "5"), ("amount", "500")],
        [("amount", "5"), ("other[Xk3]", "1")],
        [("amount", "5"), ("amount[x]", "1")],
        [("amount", "5"), ("values", "1"), ("model_config", "1")],
        [("amount", "5"), ("__class__", "x")],
    ],
)
def test_a_field_nobody_declared_is_refused_without_naming_it(pairs: list[tuple[str, str]]) -> None:
    form = read(*pairs)

    assert not form.valid
    assert all("role" not in str(words) and "admin" not in str(words) for words in form.errors.values())
    assert WHOLE in form.errors or "values" in form.errors


def test_a_rule_adds_what_it_found() -> None:
    form = read(("amount", "5"))
    assert form.valid
    form.add_error("amount", text("demo.form.below", "Below the last one."))
    form.add_error("amount", text("demo.form.second", "A second word."))
    form.add_error(WHOLE, text("demo.form.closed", "The window is closed."))

    assert not form.valid
    assert form.data.amount == 500
    assert [(name, str(words)) for name, words in form.summary] == [
        ("amount", "Amount: Below the last one."),
        ("", "The window is closed."),
    ]


def test_an_unread_form_has_no_data() -> None:
    form = empty_form(ReadingForm, {"amount": "10"})

    assert form.value("amount") == "10"
    assert not form.errors
    with pytest.raises(RuntimeError, match="was not valid"):
        _ = form.data


FINE: list[tuple[Any, str, Any]] = [
    (Amount, "1482", 148200),
    (Amount, "1\u00a0482.6", 148260),
    (Amount, "\u22125,05", -505),
    (VolumeField, "0", 0),
    (VolumeField, "00 241", 241000),
    (VolumeField, "1,001", 1001),
    (Email, " Anna@Example.ORG ", "anna@example.org"),
    (Email, "почта@пример.рф", "почта@пример.рф"),
    (Phone, "8 (916) 123-45-67", "+79161234567"),
    (Phone, "+7 916 123 45 67", "+79161234567"),
    (Phone, "9161234567", "+79161234567"),
    (Phone, "+44 20 7946 0958", "+442079460958"),
    (Login, "Anna@Example.org", "anna@example.org"),
    (Login, "8 916 123-45-67", "+79161234567"),
    (Login, "Operator ", "operator"),
    (LongText, "one\r\ntwo\rthree ", "one\ntwo\nthree"),
    (Password, "  spaces stay ", "  spaces stay "),
    (Code, "123 456", "123456"),
    (PublicId, "AnnaAccount00001", "AnnaAccount00001"),
    (Day, "2026-11-25", date(2026, 11, 25)),
    (Day, "25.11.2026", date(2026, 11, 25)),
    (Checkbox, "on", True),
    (Checkbox, "off", False),
]


@pytest.mark.parametrize(("kind", "typed", "value"), FINE)
def test_kinds_of_fields_understand_people(kind: Any, typed: str, value: Any) -> None:
    assert TypeAdapter(kind).validate_python(typed) == value


UNFIT: list[tuple[Any, str]] = [
    (Amount, "1,2,3"),
    (Amount, "1e3"),
    (Amount, "9" * 14),
    (Amount, "NaN"),
    (PositiveAmount, "0"),
    (PositiveAmount, "-1"),
    (VolumeField, "-1"),
    (VolumeField, "1.2345"),
    (VolumeField, "²"),
    (VolumeField, "inf"),
    (VolumeField, "9" * 13),
    (Email, "anna"),
    (Email, "anna@localhost\r\nBcc: x@y.z"),
    (Email, "a@b@c.org"),
    (Phone, "123"),
    (Phone, "+7916123456789012345"),
    (Phone, "call me"),
    (Login, "a\x00b"),
    (ShortText, "a" * 201),
    (ShortText, "evil\u202etxt.exe"),
    (LongText, "a\x08b"),
    (LongText, "a" * 4001),
    (Password, "a" * 257),
    (Code, "12"),
    (Code, "١٢٣٤٥٦"),
    (PublicId, "../../etc/passwd"),
    (PublicId, "AnnaAccount00001\n"),
    (Day, "31.02.2026"),
    (Day, "tomorrow"),
]


@pytest.mark.parametrize(("kind", "typed"), UNFIT)
def test_what_does_not_fit_is_said_so(kind: Any, typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(typed)
    assert caught.value.errors()[0]["type"] == "misfit"


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=30)), max_size=8))
def test_no_form_breaks_the_reader(pairs: list[tuple[str, str]]) -> None:
    form = read(*pairs)

    assert form.valid == (not form.errors and form.parsed is not None)
    for _, words in form.summary:
        assert locales().get("ru").render(words)


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_volume_is_exact(milli: int) -> None:
    whole, part = divmod(milli, 1000)
    assert TypeAdapter(VolumeField).validate_python(f"{whole},{part:03d}") == milli


@pytest.mark.parametrize("typed", ["9223372036854775808", "-9223372036854775809", "9" * 40])
def test_a_number_that_no_database_holds_is_a_misfit(typed: str) -> None:
    class Counted(FormModel):
        seen: int = 0

    form = read_fields(MultiDict([("seen", typed)]), Counted)
    assert not form.valid
    assert form.values == {"seen": typed}
    assert read_fields(MultiDict([("seen", "9223372036854775807")]), Counted).valid
