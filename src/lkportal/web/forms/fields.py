"""Kinds of fields that forms are made of: what people type, in the ways they type it, becomes one exact value."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.money import MAX_MINOR, MILLI, parse_amount

_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'")
_YEARS = range(1900, 3000)
_VOLUME = re.compile(r"(\d{1,12})(?:[.,](\d{1,3}))?")
_PUBLIC_ID = re.compile(r"[A-Za-z0-9]{16}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LIKE_PHONE = re.compile(r"[\d\s()+\-.\u00a0\u2011]+")
_PHONE_DIGITS = 10
"""Digits from which a login of digits alone is read as a phone number; shorter ones are logins of their own."""
_NO_PHONE = text("web.field.phone", "Enter a phone number such as +7 916 123-45-67.")
_SHORT, _LONG, _PASSWORD = 200, 4000, 256


class Label:
    """What a field is called in the error summary: `Annotated[Amount, Label(text("payments.form.amount", "Amount"))]`."""

    def __init__(self, words: Text) -> None:
        self.words = words


def misfit(message: Text) -> PydanticCustomError:
    """Return the error of a value that does not fit; raise it in a validator. The reader sees `message` in their language."""
    return PydanticCustomError("misfit", "does not fit", {"text": message})


def amount(typed: Any) -> int:
    """Return minor units of a typed amount: "1 482,60" is 148260."""
    if isinstance(typed, int):
        return typed
    try:
        minor = parse_amount(str(typed))
    except PortalError as error:
        raise misfit(error.message if isinstance(error.message, Text) else CHOOSE) from None
    if abs(minor) > MAX_MINOR:
        raise misfit(text("web.field.amount_size", "This amount is too large."))
    return minor


def positive_amount(typed: Any) -> int:
    """Return minor units of a typed amount above zero."""
    minor = amount(typed)
    if minor <= 0:
        raise misfit(text("web.field.positive", "Enter an amount above zero."))
    return minor


def volume(typed: Any) -> int:
    """Return thousandths of a typed quantity: "00241,5" is 241500. No sign, at most three decimals."""
    if isinstance(typed, int):
        return typed
    match = _VOLUME.fullmatch(str(typed).strip().translate(_SPACES))
    if match is None:
        raise misfit(text("web.field.volume", "Enter digits as the meter shows them, such as 241 or 241.5."))
    whole, part = match.groups()
    return int(whole) * MILLI + int((part or "").ljust(3, "0"))


def email(typed: Any) -> str:
    """Return an e-mail address in one spelling (RFC 5321, IDNA); whether it answers is found out by writing to it."""
    try:
        found = validate_email(str(typed).strip(), check_deliverability=False)
    except EmailNotValidError:
        raise misfit(text("web.field.email", "Enter an e-mail address such as anna@example.org.")) from None
    return found.normalized.lower()


def phone(typed: Any, country: str = "RU") -> str:
    """Return a phone number as +79161234567 (E.164), whichever way it is written in `country` (ISO 3166) or abroad."""
    raw = str(typed).strip()
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        raise misfit(_NO_PHONE) from None
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise misfit(_NO_PHONE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def login(typed: Any, country: str = "RU") -> str:
    """Return a login in one spelling: an e-mail address, a phone number, or another name in lower case."""
    raw = str(typed).strip()
    if "@" in raw:
        return email(raw)
    if _LIKE_PHONE.fullmatch(raw) and len(re.sub(r"\D", "", raw)) >= _PHONE_DIGITS:
        return phone(raw, country)
    return short(raw).lower()


def _country(info: ValidationInfo) -> str:
    """The country numbers are read in: the form gives it as it reads, since a model cannot know the settings."""
    return str((info.context or {}).get("country", "RU"))


def _phone_here(typed: Any, info: ValidationInfo) -> str:
    return phone(typed, _country(info))


def _login_here(typed: Any, info: ValidationInfo) -> str:
    return login(typed, _country(info))


def short(typed: Any) -> str:
    """Return one line of text, spaces at the ends dropped."""
    line = " ".join(str(typed).split())
    return _text(line, _SHORT)


def long(typed: Any) -> str:
    """Return text of several lines, line ends in one form."""
    return _text(str(typed).replace("\r\n", "\n").replace("\r", "\n").strip(), _LONG)


def password(typed: Any) -> str:
    """Return a password as typed, up to 256 characters: a longer one would only buy work for the hash."""
    if len(str(typed)) > _PASSWORD:
        raise misfit(text("web.field.password", "A password can have at most %(most)s characters.", most=_PASSWORD))
    return str(typed)


def code(typed: Any) -> str:
    """Return a one-time code: 4 to 10 digits, typed with or without spaces."""
    digits = re.sub(r"[\s\-]", "", str(typed))
    if not re.fullmatch(r"[0-9]{4,10}", digits):
        raise misfit(text("web.field.code", "Enter the digits of the code."))
    return digits


def public_id(typed: Any) -> str:
    """Return a public id as ids.public_id makes them."""
    if not _PUBLIC_ID.fullmatch(str(typed)):
        raise misfit(CHOOSE)
    return str(typed)


def day(typed: Any) -> date:
    """Return a date from a date field (2026-11-25) or as typed by hand (25.11.2026). Of a year that people live in: whoever counts
    days or zones from it stays within the calendar."""
    raw = str(typed).strip()
    match = re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", raw)
    try:
        found = date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(raw)
    except ValueError:
        found = date.min
    if found.year not in _YEARS:
        raise misfit(text("web.field.day", "Enter a date such as 25.11.2026."))
    return found


def checkbox(typed: Any) -> bool:
    """Return whether a checkbox was ticked: browsers send it only then."""
    return typed in (True, "on", "1", "true", "yes")


def too_long(most: int) -> Text:
    """Return what is said of a text longer than `most` characters."""
    return text("web.field.too_long", "Shorten this to %(most)s characters.", most=most)


def _text(value: str, most: int) -> str:
    if _CONTROL.search(value):
        raise misfit(text("web.field.control", "Take out the invisible characters; retyping the text helps."))
    if len(value) > most:
        raise misfit(too_long(most))
    return value


CHOOSE = text("web.field.choose", "Choose one of the options.")

Amount = Annotated[int, BeforeValidator(amount)]
PositiveAmount = Annotated[int, BeforeValidator(positive_amount)]
VolumeField = Annotated[int, BeforeValidator(volume)]
Email = Annotated[str, BeforeValidator(email)]
Phone = Annotated[str, BeforeValidator(_phone_here)]
Login = Annotated[str, BeforeValidator(_login_here)]
ShortText = Annotated[str, BeforeValidator(short)]
LongText = Annotated[str, BeforeValidator(long)]
Password = Annotated[str, BeforeValidator(password)]
Code = Annotated[str, BeforeValidator(code)]
PublicId = Annotated[str, BeforeValidator(public_id)]
Day = Annotated[date, BeforeValidator(day)]
Checkbox = Annotated[bool, BeforeValidator(checkbox)]
