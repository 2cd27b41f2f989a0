"""Templates are compiled for one language: words become constants, calls go straight, and nothing of what a page shows changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment, pass_context
from markupsafe import Markup

from lkportal.core.i18n import text
from lkportal.theming import Environments, environment, text_environment
from lkportal.theming.templates.compiling import PortalEnvironment
from tests.theming.conftest import locale
from tests.theming.test_loaders import layers

RUSSIAN = {
    "a.word": ("word", "<b>слово</b>"),
    "a.percent": ("x", "100%% & %(n)s"),
    "a.plain": ("plain", "просто"),
}


def _made(root: Path, source: str, make: Callable[..., Environment] = environment, **names: Any) -> Environment:
    chain = layers(
        root, core_core={"page.html": source, "part.html": "{% macro m(x, y=1) %}{{ x }}-{{ y }}{% endmacro %}"}
    )
    return make(chain, locale(root / "words", "ru", RUSSIAN), names)


def test_words_without_values_are_constants_of_the_compiled_template(tmp_path: Path) -> None:
    made = _made(tmp_path, '<p title="{{ pgettext("a.plain", "plain") }}">{{ pgettext("a.word", "word") }}</p>')

    code = made.compile(made.loader.get_source(made, "page.html")[0], raw=True)  # type: ignore[union-attr]
    words = made.get_template("page.html").render()

    assert "pgettext" not in code
    assert words == '<p title="просто">&lt;b&gt;слово&lt;/b&gt;</p>', "a wording is plain text"


def test_words_with_values_and_computed_keys_are_asked_for_when_the_page_is_drawn(tmp_path: Path) -> None:
    source = '{{ pgettext("a.percent", "x", n=n) }}|{{ pgettext(key, "plain") }}|{% set w = pgettext("a.plain", "plain") %}{{ w|upper }}'

    page = _made(tmp_path, source).get_template("page.html").render(n="<1>", key="a.plain")

    assert page == "100% &amp; &lt;1&gt;|просто|ПРОСТО"


def test_plain_text_is_not_escaped(tmp_path: Path) -> None:
    made = _made(tmp_path, '{{ pgettext("a.word", "word") }} {{ x }}', text_environment)

    assert made.get_template("page.html").render(x="<i>") == "<b>слово</b> <i>"


@lru_cache
def _cached(x: str) -> Markup:
    return Markup("<u>{}</u>").format(x)


class _Callable:
    @pass_context
    def __call__(self, context: Any, x: str) -> str:
        return f"{context['n']}{x}"


@pass_context
def _of_the_page(context: Any, x: str) -> str:
    return f"{context['n']}{x}"


@pytest.mark.parametrize(
    ("called", "shown"),
    [
        (lambda x: f"<{x}>", "&lt;1&gt;"),
        (_cached, "<u>1</u>"),
        (partial(str.__add__, "a"), "a1"),
        ("b".__add__, "b1"),
        (str, "1"),
        (_Callable(), "91"),
        (_of_the_page, "91"),
    ],
)
def test_whatever_can_be_called_is_called_as_jinja_calls_it(
    tmp_path: Path, called: Callable[[str], str], shown: str
) -> None:
    source = '{% for i in "1" %}{% block b scoped %}{{ f(i) }}{% endblock %}{{ f(i) }}{% endfor %}'

    assert _made(tmp_path, source, f=called).get_template("page.html").render(n=9) == shown * 2


def test_macros_keep_escaping_defaults_and_their_caller(tmp_path: Path) -> None:
    source = (
        '{% import "part.html" as part %}{% macro box() %}[{{ caller("<c>") }}]{% endmacro %}'
        '{{ part.m("<a>") }}{{ part.m(x=2, y="&") }}{% call(c) box() %}{{ c }}{% endcall %}'
    )

    assert _made(tmp_path, source).get_template("page.html").render() == "&lt;a&gt;-12-&amp;[&lt;c&gt;]"


def test_a_chain_that_has_a_name_is_found_by_it(tmp_path: Path) -> None:
    chain = [*layers(tmp_path, core_core={"page.html": "x"})]
    kept = Environments()
    words = locale(tmp_path / "words", "ru")

    assert kept.get(chain, words, name="water") is kept.get(chain, words, name="water")
    assert kept.get(chain, words, name="water") is not kept.get(chain, words, name="heat")


class _Own:
    def __html__(self) -> str:
        return "<hr>"


class _Word(str):
    __slots__ = ()


@given(
    st.text() | st.integers() | st.floats(allow_nan=False) | st.none() | st.booleans() | st.builds(Markup, st.text())
)
@example(_Own())
@example(_Word("<&\"'>"))
@example(["<", Markup("<")])
def test_a_value_is_shown_as_plain_jinja_shows_it(value: Any) -> None:
    source = "{{ v }}|{% set w %}{{ v }}{% endset %}{{ w }}|{{ v ~ '<' }}|{% for x in [v] %}{{ x }}{% endfor %}"
    plain = Environment(autoescape=True).from_string(source).render(v=value)
    ours = PortalEnvironment(autoescape=True).from_string(source).render(v=value)

    assert ours == plain


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ [said, 'x']|join(', ') }}", "просто, x"),
        ("{{ said|string|length }}", "6"),
        ("{{ said|upper }}", "ПРОСТО"),
        ("{{ 'a: ' ~ said ~ bold }}", "a: просто<b>"),
        ("{{ '%s!'|format(said) }}", "просто!"),
        ("{{ '<' ~ said }}", "&lt;просто"),
    ],
)
def test_a_text_is_said_in_the_readers_language_before_it_becomes_a_string(
    tmp_path: Path, source: str, shown: str
) -> None:
    made = _made(tmp_path, source, said=text("a.plain", "plain"), bold=Markup("<b>"))
    assert made.get_template("page.html").render() == shown
