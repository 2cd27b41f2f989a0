"""Every key of brand.toml is seen by somebody: changing it in a running portal changes a page, the stylesheet, the manifest,
a letter, the answer to a host, or the report. A key that is accepted and never shown is worse than none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.testing import Mailbox, Visitor, World
from lkportal.theming.brand.book import Sections
from lkportal.theming.making.build import check

PLAIN = '[brand]\nname = "Северная вода"\n[color]\nprimary = "#0B3F86"\n[voice]\nterms = { account = "лицевой счёт" }\n'
MARK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z" fill="#B00"/></svg>'
FONT = Path(__file__).parents[2] / "src/lkportal/themes/default/static/fonts/onest-latin.woff2"
FILES: Mapping[str, bytes] = {
    "assets/logo.svg": MARK.encode(),
    "assets/dark.svg": MARK.replace("#B00", "#FBB").encode(),
    "assets/acme.woff2": FONT.read_bytes(),
    "../group/brand.toml": b'[brand]\nname = "Group"\n[color]\nprimary = "#B00020"\naccent = "#007755"\n',
    "wording/ru.toml": '"auth.login.heading" = "Ваш {account}"\n"auth.login.heading@informal" = "Твой {account}"\n'.encode(),
}  # fmt: skip
_HASH = re.compile(r"\b[0-9a-f]{12,16}\b|nonce-[\w+/=-]+|nonce=\"[^\"]+\"|value=\"[\w.=-]{20,}\"")

KEYS: Mapping[str, tuple[str, str]] = {
    "brand.name": ('name = "Южная вода"', "page"),
    "brand.short_name": ('short_name = "Вода"', "manifest"),
    "brand.legal_name": ('legal_name = "АО «Северная вода»"', "letter"),
    "brand.extends": ('extends = "../group"', "style"),
    "brand.theme": ('theme = "bold"', "page"),
    "brand.hosts": ('hosts = ["lk.sever.example"]', "host"),
    "brand.public_url": ('public_url = "https://lk.sever.example"', "letter"),
    "color.primary": ('primary = "#B00020"', "style"),
    "color.accent": ('accent = "#007755"', "style"),
    "color.surface": ('surface = "neutral"', "style"),
    "shape.radius": ('radius = "2px"', "style"),
    "shape.density": ('density = "compact"', "page"),
    "type.body": ('body = ["PT Sans"]', "style"),
    "type.heading": ('heading = ["PT Serif"]', "style"),
    "type.fonts": ('fonts = [{ family = "Acme", file = "assets/acme.woff2" }]', "style"),
    "logo.light": ('light = "assets/logo.svg"', "page"),
    "logo.dark": ('light = "assets/logo.svg"\ndark = "assets/dark.svg"', "page"),
    "logo.mark": ('mark = "assets/logo.svg"', "pictures"),
    "logo.clear_space": ("clear_space = 0.5", "style"),
    "voice.formality": ('formality = "ты"', "page"),
    "voice.terms": ('terms = { account = "абонентская книжка" }', "page"),
    "voice.support_phone": ('support_phone = "8 800 000-00-01"', "page"),
    "voice.emergency_phone": ('emergency_phone = "112"', "page"),
    "email.from_name": ('from_name = "Касса Севера"', "letter"),
    "email.footer": ('footer = "Работаем с 8 до 20"', "letter"),
    "policy.contrast": ('contrast = "AAA"', "style"),
    "policy.on_fail": ('on_fail = "warn"', "report"),
}
"""Key -> the line that changes it, and which output must be another then."""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    folder = tmp_path / "brand"
    for name, body in {**FILES, "brand.toml": PLAIN.encode()}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return folder


@pytest.fixture
def portal_overrides(book: Path) -> Mapping[str, Any]:
    return {"portal": {"brand_dir": str(book)}}


def test_every_key_has_its_case() -> None:
    """A key that is added without one fails here; so does one that the guide does not tell of."""
    keys = {f"{name}.{key}" for name, field in Sections.model_fields.items() for key in field.annotation.model_fields}  # type: ignore[union-attr]
    assert keys == set(KEYS)
    guide = (Path(__file__).parents[2] / "docs/tutorial/brand.md").read_text("utf-8")
    assert [key for key in sorted(keys) if f"`{key.split('.')[1]}`" not in guide] == []


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_changing_any_key_changes_what_somebody_sees(
    portal: Portal,
    book: Path,
    world: World,
    visit: Callable[..., Visitor],
    mailbox: Mailbox,
    work_off: Callable[[], int],
) -> None:
    """One running portal, a published change for each key."""
    seen = _Seen(portal, book, world, visit, mailbox, work_off)
    seen.publish(PLAIN)
    before = {output: getattr(seen, output)() for _, output in KEYS.values()}
    again = {output: getattr(seen, output)() for output in before}
    assert [output for output in before if again[output] != before[output]] == [], "else a change would prove nothing"
    unseen = []
    for key, (line, output) in KEYS.items():
        seen.publish(_with(key.partition(".")[0], line))
        if getattr(seen, output)() == before[output]:
            unseen.append(f"{key} does not change the {output}")
    assert not unseen, "; ".join(unseen)


def _with(section: str, line: str) -> str:
    name = line.partition(" = ")[0]
    kept = re.sub(rf"^{name} = .*\n", "", PLAIN, flags=re.MULTILINE)
    kept = kept.replace('primary = "#0B3F86"\n', "") if name == "extends" else kept
    head = f"[{section}]\n"
    return kept.replace(head, f"{head}{line}\n") if head in kept else f"{kept}{head}{line}\n"


class _Seen:
    """What people see of the portal, each as text without the hashes that change with any file."""

    def __init__(
        self, portal: Portal, book: Path, world: World, visit: Any, mailbox: Mailbox, work_off: Callable[[], int]
    ) -> None:
        self.portal, self.book, self.world, self.visit = portal, book, world, visit
        self.mailbox, self.work_off, self.letters = mailbox, work_off, 0

    def publish(self, text: str) -> None:
        (self.book / "brand.toml").write_text(text, "utf-8")
        for on in (False, True):  # the folder is read again with the next change that staff publish
            self.portal.switch_module("readings", on=on)
        self.portal.follow()
        assert self.portal.refused == {}

    def _get(self, path: str, **headers: str) -> Any:
        return self.visit(language="ru").get(path, **headers)

    def page(self) -> str:
        return _HASH.sub("", self._get("/login").text + self._get("/nothing/here").text)

    def style(self) -> str:
        return str(
            self._get(re.findall(r'href="(/static/brand/main\.[0-9a-f]+\.css)"', self._get("/login").text)[0]).text
        )

    def manifest(self) -> str:
        return _HASH.sub("", self._get("/manifest.webmanifest").text)

    def pictures(self) -> str:
        return " ".join(re.findall(r'rel="icon"[^>]*href="([^"]+)"', self._get("/login").text))

    def host(self) -> str:
        return str(self._get("/login", host="lk.sever.example").status_code)

    def letter(self) -> str:
        self.letters += 1
        login = f"reader{self.letters:02}@example.org"
        self.world.customer(login)
        self.visit(language="ru").post("/recover", {"login": login})
        self.work_off()
        letter = self.mailbox.to(login)[-1]
        sender = re.findall(r"(?m)^From:.*(?:\n .*)*", letter.whole)
        return re.sub(r"/recover/[\w-]+|reader\d+", "", "".join((*sender, letter.text, letter.html)))

    def report(self) -> str:
        return str(check(self.book).warn)
