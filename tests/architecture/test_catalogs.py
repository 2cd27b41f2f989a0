"""Every visible text has a stable key and is said in Russian and English."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.conftest import Plant
from tools import catalogs
from tools.tree import ROOT

CODE = "src/lkportal/modules/readings/service.py"
PAGE = "src/lkportal/modules/readings/templates/readings/list.html"
PO = "src/lkportal/modules/readings/locale/ru/LC_MESSAGES/messages.po"
IMPORT = "from lkportal.core.i18n import ntext, text\n"
HEAD = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=3; plural='
    '(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"\n\n'
)


def entry(key: str, english: str, russian: str) -> str:
    return f'msgctxt "{key}"\nmsgid "{english}"\nmsgstr "{russian}"\n\n'


def test_every_text_is_keyed_and_translated() -> None:
    assert catalogs.problems(ROOT) == []


def test_texts_of_code_and_templates_are_found(plant: Plant) -> None:
    plural = 'msgctxt "r.days"\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\n'
    plural += 'msgstr[0] "%(n)s день"\nmsgstr[1] "%(n)s дня"\nmsgstr[2] "%(n)s дней"\n\n'
    root = plant(
        {
            CODE: IMPORT
            + "a = text('r.below', 'Below ' '%(x)s', x=1)\nb = ntext('r.days', '%(n)s day', '%(n)s days', 2)\n",
            PAGE: "{% for x in y %}{{ pgettext('r.title', 'Readings') }}{% endfor %}",
            "src/lkportal/core/db.py": "from sqlalchemy import text\ntext('select 1')\n",
            PO: HEAD
            + entry("r.below", "Below %(x)s", "Ниже %(x)s")
            + plural
            + entry("r.title", "Readings", "Показания"),
        }
    )

    assert catalogs.problems(root) == []


BROKEN = {
    "no Russian": (IMPORT + "text('r.a', 'A')", "", "", "r.a has no Russian wording"),
    "no Russian in a template": ("", "{{ pgettext('r.a', 'A') }}", "", "list.html:1: r.a has no Russian wording"),
    "built while running": (
        IMPORT + "x = 1\ntext('r.a', f'A {x}')",
        "",
        "",
        "service.py:3: a text is built while running",
    ),
    "glued": (IMPORT + "text('r.a', 'A ' + x)", "", "", "a text is built while running"),
    "not a literal": (IMPORT + "text(key, english)", "", "", "text() takes literals"),
    "no key": ("_('Hello')", "", "", "_() has no key"),
    "no key in a template": ("", "{{ gettext('Hello') }}", "", "gettext() has no key"),
    "two meanings": (
        IMPORT + "text('r.a', 'A')\ntext('r.a', 'B')",
        "",
        entry("r.a", "A", "А"),
        "the key r.a says something else",
    ),
    "reworded English": (IMPORT + "text('r.a', 'New')", "", entry("r.a", "Old", "Старое"), "another English wording"),
    "empty Russian": (IMPORT + "text('r.a', 'A')", "", entry("r.a", "A", ""), "empty or marked fuzzy"),
    "another value": (
        IMPORT + "text('r.a', 'A %(x)s', x=1)",
        "",
        entry("r.a", "A %(x)s", "А %(y)s"),
        "has other values: x, y",
    ),
    "exclaims": (IMPORT + "text('r.a', 'A')", "", entry("r.a", "A", "Ура!"), "exclaims"),
    "twice": (IMPORT + "text('r.a', 'A')", "", entry("r.a", "A", "А") * 2, "r.a stands twice"),
    "forgotten": ("", "", entry("r.gone", "A", "А"), "still translates r.gone"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_wrong_text_is_named(plant: Plant, case: str) -> None:
    code, page, po, sentence = BROKEN[case]

    found = catalogs.problems(plant({CODE: code, PAGE: page, PO: HEAD + po}))

    assert len(found) == 1
    assert sentence in found[0]


def test_a_key_belongs_to_one_catalogue(plant: Plant) -> None:
    other = str(Path(PO)).replace("readings", "payments")
    po = HEAD + entry("r.a", "A", "А")

    found = catalogs.problems(plant({CODE: IMPORT + "text('r.a', 'A')", PO: po, other: po}))

    assert found == [f"{PO}: r.a stands in {other} too"]
