"""The HTML of the payment page: plain strings, everything from outside escaped, no script anywhere. Handlers are in page.py."""

from __future__ import annotations

from html import escape

from . import words as wording
from .checks import Json
from .rules import CARDS
from .words import Words

FAULTS = ("none", "delay", "double", "hold", "lost")

_PAGE = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}/checkout/look.css">
</head>
<body>
<header class="banner"><p>{banner}</p></header>
<main>{content}</main>
</body>
</html>
"""
_SUM = """<section class="sum" aria-label="{to_pay}">
<h1>{title}</h1>
<p class="amount">{whole}<small>{part}</small></p>
<p class="what">{description}</p>
</section>"""


def choice(record: Json, words: Words, root: str, error: str = "") -> str:
    """Return the page where the payer chooses a card."""
    w = {name: escape(value) for name, value in words.items()}
    amount = escape(wording.amount(record["object"]["amount"]["value"], words))
    cards = "".join(_card(name, words) for name in CARDS)
    faults = "".join(f'<option value="{name}">{w["fault_" + name]}</option>' for name in FAULTS)
    problem = f'<p class="error" id="problem" role="alert">{escape(error)}</p>' if error else ""
    content = f"""{_sum(record, words)}
<form method="post" class="panel">
<fieldset{' aria-describedby="problem"' if error else ""}><legend>{w["choose"]}</legend>{problem}{cards}</fieldset>
<details><summary>{w["notices"]}</summary>
<p id="notices-note">{w["notices_note"]}</p>
<label for="fault">{w["notices"]}</label>
<select id="fault" name="fault" aria-describedby="notices-note">{faults}</select></details>
<button class="main" name="act" value="pay">{w["pay"].replace("%s", amount)}</button>
<button class="quiet" name="act" value="leave" formnovalidate>{w["leave"]}</button>
<p class="note">{w["leave_note"]}</p>
</form>"""
    return _whole(content, words, root)


def code(record: Json, words: Words, root: str) -> str:
    """Return the page that asks for the code of the 3-D Secure step."""
    w = {name: escape(value) for name, value in words.items()}
    content = f"""{_sum(record, words)}
<form method="post" class="panel">
<h2>{w["code_title"]}</h2>
<p id="code-note">{w["code_note"]}</p>
<label for="code">{w["code"]}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="8" required aria-describedby="code-note">
<button class="main" name="act" value="code">{w["confirm"]}</button>
</form>"""
    return _whole(content, words, root)


def settled(record: Json, words: Words, root: str) -> str:
    """Return the page of a payment that needs nothing more from the payer."""
    w = {name: escape(value) for name, value in words.items()}
    back = f'<a class="main" href="{escape(record["return_url"])}">{w["back"]}</a>' if record["return_url"] else ""
    title = "done_" + record["object"]["status"]
    content = f"""{_sum(record, words, title)}
<section class="panel">{back or f"<p>{w['close']}</p>"}</section>"""
    return _whole(content, words, root)


def missing(words: Words, root: str) -> str:
    """Return the page of an address that belongs to no payment."""
    content = (
        f'<section class="panel"><h1>{escape(words["missing"])}</h1><p>{escape(words["missing_note"])}</p></section>'
    )
    return _whole(content, words, root)


def _whole(content: str, words: Words, root: str) -> str:
    title, banner = escape(words["title"]), escape(words["banner"])
    return _PAGE.format(lang=words["lang"], title=title, banner=banner, content=content, root=escape(root))


def _sum(record: Json, words: Words, title: str = "to_pay") -> str:
    payment = record["object"]
    shown = wording.amount(payment["amount"]["value"], words)
    cut = max(shown.rfind(","), shown.rfind(".")) if words["lang"] == "ru" else shown.rfind(".")
    return _SUM.format(
        to_pay=escape(words["to_pay"]),
        title=escape(words[title]),
        whole=escape(shown[:cut]),
        part=escape(shown[cut:]),
        description=escape(payment["description"]),
    )


def _card(name: str, words: Words) -> str:
    number = CARDS[name].number
    spaced = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    checked = " checked" if name == "success" else ""
    return (
        f'<label class="card"><input type="radio" name="card" value="{name}" required{checked}>'
        f'<span><span class="does">{escape(words[name])}</span> '
        f'<span class="number"><span class="unseen">{escape(words["number"])} </span>{spaced}</span></span></label>'
    )
