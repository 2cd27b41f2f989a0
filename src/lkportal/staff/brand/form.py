"""The form of a brand: which keys of a brand book the desk may change, and what a typed value means beside the company's files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from lkportal.core.i18n import Text, text
from lkportal.theming import BrandError
from lkportal.theming.brand.book import BrandBook
from lkportal.theming.brand.changes import Changes
from lkportal.theming.colour.palette import Move
from lkportal.web import WHOLE, Form, FormModel, Label, ShortText
from lkportal.web.forms.fields import CHOOSE

FIELDS = {
    "name": "brand.name",
    "short_name": "brand.short_name",
    "legal_name": "brand.legal_name",
    "theme": "brand.theme",
    "primary": "color.primary",
    "accent": "color.accent",
    "surface": "color.surface",
    "radius": "shape.radius",
    "density": "shape.density",
    "formality": "voice.formality",
    "support_phone": "voice.support_phone",
    "emergency_phone": "voice.emergency_phone",
    "from_name": "email.from_name",
    "footer": "email.footer",
    "contrast": "policy.contrast",
}
"""Field of the form -> key of brand.toml."""

LOGOS = ("light", "dark", "mark")
_CLEARED = ("voice.support_phone", "voice.emergency_phone", "email.footer")
"""Keys that may be emptied; any other empty field means what the files say."""
_PLACE = re.compile(r"\[(\w+)\] (\w+)")
_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_SAID: Mapping[str, Text] = {
    "brand.name": text("staff.brand.wrong_name", "Write a name of one line, up to 60 letters."),
    "brand.short_name": text(
        "staff.brand.wrong_short", "Write a short name of up to 12 letters, for a phone's screen."
    ),
    "brand.theme": text("staff.brand.wrong_theme", "Choose a theme that is installed."),
    "color.primary": text("staff.brand.wrong_colour", "Write a colour as six hex digits, such as #0B3F86."),
    "color.accent": text("staff.brand.wrong_colour", "Write a colour as six hex digits, such as #0B3F86."),
    "shape.radius": text("staff.brand.wrong_radius", "Write whole pixels from 0 to 28, such as 10px."),
    "voice.support_phone": text("staff.brand.wrong_phone", "Write digits and spaces, such as 8 800 000-00-00."),
    "voice.emergency_phone": text("staff.brand.wrong_phone", "Write digits and spaces, such as 8 800 000-00-00."),
    **dict.fromkeys(("color.surface", "shape.density", "voice.formality", "policy.contrast"), CHOOSE),
    **dict.fromkeys(
        ("brand.legal_name", "email.from_name"), text("staff.brand.wrong_line", "Write one line, up to 200 letters.")
    ),
}
_PICTURES = (
    (
        "is not a picture",
        text("staff.brand.no_picture", "This is not a picture the portal can show. Save it as SVG, PNG or WebP."),
    ),
    ("bytes:", text("staff.brand.heavy", "This picture has too many bytes: a logo may have 200 KB. Save it smaller.")),
    ("pixels", text("staff.brand.huge", "This picture is too large: 4096 pixels a side at most. Save it smaller.")),
    ("hold a PNG", text("staff.brand.no_png", "This file does not hold a PNG picture. Export it again.")),
    ("hold a WEBP", text("staff.brand.no_webp", "This file does not hold a WebP picture. Export it again.")),
    ("well-formed", text("staff.brand.no_svg", "This is not well-formed SVG. Export it again as plain SVG.")),
    (
        "drawn",
        text("staff.brand.undrawn", "This picture cannot be drawn, or only slowly. Simplify it and export it again."),
    ),
    (
        "",
        text(
            "staff.brand.wrong_picture",
            "This picture cannot be used. Save it again as plain SVG, PNG or WebP: up to 200 KB, 4096 pixels a side.",
        ),
    ),
)
"""What is told of a picture, by a part of the sentence that the theme says of it."""
ROLES: Mapping[str, Text] = {
    "link": text("staff.brand.role.link", "Links"),
    "link-hover": text("staff.brand.role.link_hover", "Links under the pointer"),
    "focus": text("staff.brand.role.focus", "The ring of the keyboard"),
    "brand": text("staff.brand.role.brand", "The fill"),
    "brand-edge": text("staff.brand.role.edge", "Edges in the brand's colour"),
    "accent": text("staff.brand.role.accent", "The second colour"),
}
MODES: Mapping[str, Text] = {
    "light": text("staff.brand.mode.light", "on light pages"),
    "dark": text("staff.brand.mode.dark", "on dark pages"),
    "light-more": text("staff.brand.mode.light_more", "on light pages of high contrast"),
    "dark-more": text("staff.brand.mode.dark_more", "on dark pages of high contrast"),
}


class BrandForm(FormModel):
    """What staff type about a brand. An empty field means what the company's files say."""

    seen: int = 0
    name: Annotated[ShortText, Label(text("staff.brand.field.name", "Name"))] = ""
    short_name: Annotated[ShortText, Label(text("staff.brand.field.short_name", "Short name"))] = ""
    legal_name: Annotated[ShortText, Label(text("staff.brand.field.legal_name", "Legal name"))] = ""
    theme: Annotated[ShortText, Label(text("staff.brand.field.theme", "Theme"))] = ""
    primary: Annotated[ShortText, Label(text("staff.brand.field.primary", "Main colour"))] = ""
    accent: Annotated[ShortText, Label(text("staff.brand.field.accent", "Second colour"))] = ""
    surface: Annotated[ShortText, Label(text("staff.brand.field.surface", "Grounds"))] = ""
    radius: Annotated[ShortText, Label(text("staff.brand.field.radius", "Corners of controls"))] = ""
    density: Annotated[ShortText, Label(text("staff.brand.field.density", "Density"))] = ""
    formality: Annotated[ShortText, Label(text("staff.brand.field.formality", "Form of address"))] = ""
    support_phone: Annotated[ShortText, Label(text("staff.brand.field.support_phone", "Phone of support"))] = ""
    emergency_phone: Annotated[ShortText, Label(text("staff.brand.field.emergency_phone", "Emergency phone"))] = ""
    from_name: Annotated[ShortText, Label(text("staff.brand.field.from_name", "Sender of letters"))] = ""
    footer: Annotated[str, Label(text("staff.brand.field.footer", "Last line of letters"))] = ""
    contrast: Annotated[ShortText, Label(text("staff.brand.field.contrast", "Contrast"))] = ""
    light: Annotated[str, Label(text("staff.brand.field.light", "Logo for light pages"))] = ""
    dark: Annotated[str, Label(text("staff.brand.field.dark", "Logo for dark pages"))] = ""
    mark: Annotated[str, Label(text("staff.brand.field.mark", "Mark: a square sign"))] = ""
    drop_light: bool = False
    drop_dark: bool = False
    drop_mark: bool = False


class DraftForm(FormModel):
    """Which draft and which publication the person has before them."""

    seen: int = 0
    published: int = 0


class BackForm(FormModel):
    """The publication to go back to: 0 is what the company's files say."""

    number: int
    published: int


class WordForm(FormModel):
    """One text in the company's words: `text` for a plain one, `forms` for one that depends on a count; empty: ours."""

    seen: int = 0
    key: ShortText
    language: ShortText
    query: ShortText = ""
    text: str = ""
    forms: dict[str, str] = Field(default_factory=dict)


def shown(book: BrandBook, values: Mapping[str, Any]) -> dict[str, str]:
    """Return what each field of the form shows: the changed value, else what the files say."""
    return {name: str(values.get(dotted, _of_book(book, dotted)) or "") for name, dotted in FIELDS.items()}


def typed(form: BrandForm, base: BrandBook, before: Changes) -> Changes:
    """Return the changes that a form means: what is as in the files is no change."""
    values = {key: value for key, value in before.values.items() if key not in FIELDS.values()}
    for name, dotted in FIELDS.items():
        value = _neat(name, str(getattr(form, name) or ""))
        own = str(_of_book(base, dotted) or "")
        if value != own and (value or dotted in _CLEARED):
            values[dotted] = value
    files = {
        key: name for key, name in before.files.items() if not getattr(form, f"drop_{key.partition('.')[2]}", False)
    }
    return replace(before, values=values, files=files)


def refuse(form: Form[Any], wrong: BrandError) -> None:
    """Put the sentences about a brand that cannot be built beside the fields they are about."""
    fields = {dotted: name for name, dotted in FIELDS.items()} | {f"logo.{use}": use for use in LOGOS}
    for problem in wrong.problems:
        place = _PLACE.search(problem)
        dotted = f"{place[1]}.{place[2]}" if place else ""
        sentence = problem.partition(": ")[2] if "brand.toml" in problem.partition(": ")[0] else problem
        words = _SAID.get(dotted) or text("staff.brand.wrong", "%(why)s", why=sentence)
        if dotted.startswith("logo."):
            words = next(said for part, said in _PICTURES if part in problem)
        form.add_error(fields.get(dotted, WHOLE), words)


def moved(move: Move) -> Text:
    """Return the sentence about a colour that gave way."""
    return text(
        "staff.brand.moved",
        "%(role)s %(mode)s: %(before)s is shown as %(after)s, so that everybody can read it.",
        role=ROLES.get(move.role, move.role),
        mode=MODES.get(move.mode, move.mode),
        before=move.before,
        after=move.after,
    )


def _of_book(book: BrandBook, dotted: str) -> Any:
    section, _, name = dotted.partition(".")
    return getattr(getattr(book.sections, section), name)


def _neat(name: str, value: str) -> str:
    value = value.strip().replace("\r\n", "\n")
    if name in ("primary", "accent") and (match := _HEX.fullmatch(value)):
        return "#" + (match[1] if len(match[1]) == 6 else "".join(each * 2 for each in match[1])).upper()
    return f"{value}px" if name == "radius" and value.isdecimal() else value
