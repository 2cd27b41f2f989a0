"""Which file a template name means along the chain, and that words of two languages never mix."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound
from markupsafe import Markup

from lkportal.core.i18n import text
from lkportal.theming import BrandError, Environments, Layer, environment, text_environment
from lkportal.theming.templates.loaders import ChainLoader
from tests.theming.conftest import locale, put


def layers(root: Path, **files: dict[str, str]) -> list[Layer]:
    """A chain, strongest first; the keyword tells kind and name: `brand_aqua`, `theme_bold`, `module_readings`, `core_core`."""
    made = []
    for named, content in files.items():
        kind, _, name = named.partition("_")
        made.append(Layer(kind, name, put(root / named, content)))  # type: ignore[arg-type]
    return made


@pytest.fixture
def chain(tmp_path: Path) -> list[Layer]:
    """A brand over a theme over its parent over a module over core; every page tells where it came from."""
    return layers(
        tmp_path,
        brand_aqua={"page.html": '{% extends "@theme/page.html" %}{% block title %}aqua{% endblock %}'},
        theme_bold={"page.html": '{% extends "@default/page.html" %}{% block foot %}bold{% endblock %}'},
        theme_default={
            "page.html": "{% block title %}default{% endblock %}|{% block foot %}calm{% endblock %}",
            "readings/list.html": "theme over {% include '@readings/list.html' %}",
        },
        module_readings={"readings/list.html": "module", "readings/form.html": "form"},
        core_core={"page.html": "core", "error.html": "core error"},
    )


def test_the_strongest_layer_wins_and_an_override_extends_what_it_replaces(tmp_path: Path, chain: list[Layer]) -> None:
    """A brand changes one block, a child theme another; the rest is the parent's."""
    pages = environment(chain, locale(tmp_path / "words", "en"))
    assert pages.get_template("page.html").render() == "aqua|bold"
    assert pages.get_template("@theme/page.html").render() == "default|bold"
    assert pages.get_template("@default/page.html").render() == "default|calm"
    assert pages.get_template("@core/page.html").render() == "core"
    assert pages.get_template("readings/list.html").render() == "theme over module"
    assert pages.get_template("@readings/form.html").render() == "form"
    assert pages.get_template("error.html").render() == "core error"


@pytest.mark.parametrize(
    "name", ["none.html", "@theme/error.html", "@nobody/page.html", "../page.html", "@aqua/page.html"]
)
def test_what_is_not_there_is_not_found(name: str, tmp_path: Path, chain: list[Layer]) -> None:
    """An address does not fall through to other layers, and no name leaves the folders."""
    with pytest.raises(TemplateNotFound):
        environment(chain, locale(tmp_path / "words", "en")).get_template(name)


def test_two_layers_of_one_name_are_refused(tmp_path: Path) -> None:
    """A module called like a theme, or like a kind, would make an address mean two things."""
    with pytest.raises(BrandError, match="@bold/ would be unclear"):
        ChainLoader([Layer("theme", "bold", tmp_path), Layer("module", "bold", tmp_path)])
    with pytest.raises(BrandError, match="@core/ would be unclear"):
        ChainLoader([Layer("module", "core", tmp_path)])


def test_every_value_is_escaped_whatever_the_template_is_called(tmp_path: Path) -> None:
    """Also in .txt and .svg; a wording and its params too: a company writes wordings as plain text."""
    source = "{{ value }} {{ pgettext('t.hello', 'Hello, <b>%(name)s</b>', name=value) }}"
    chain = layers(tmp_path, core_core={"a.html": source, "a.txt": source, "a.svg": source})
    pages = environment(chain, locale(tmp_path / "words", "en"))
    for name in ("a.html", "a.txt", "a.svg"):
        assert pages.get_template(name).render(value="<i>") == "&lt;i&gt; Hello, &lt;b&gt;&lt;i&gt;&lt;/b&gt;"
    plain = text_environment(chain, locale(tmp_path / "words", "en"))
    assert plain.get_template("a.txt").render(value="<i>") == "<i> Hello, <b><i></b>"


def test_texts_are_rendered_in_the_pages_language(tmp_path: Path) -> None:
    """pgettext, plural forms, lazy texts put out, in params and through a filter; per cent signs stay what they are."""
    words = {
        "t.due": ("Due for %(month)s", "К оплате за %(month)s"),
        "t.month": ("October", "октябрь"),
        "t.off": ("10 % off", "Скидка 10 %"),
    }
    chain = layers(
        tmp_path,
        core_core={
            "a.html": "{{ pgettext('t.due', 'Due for %(month)s', month=month) }}; {{ month }}; {{ month|text|upper }}; "
            "{{ pgettext('t.off', '10 % off') }}; {{ npgettext('t.days', '%(n)s day', '%(n)s days', 8) }}"
        },
    )
    month = text("t.month", "October")
    russian = environment(chain, locale(tmp_path / "ru", "ru", words)).get_template("a.html").render(month=month)
    assert russian.startswith("К оплате за октябрь; октябрь; ОКТЯБРЬ; Скидка 10 %; 8 day")
    english = environment(chain, locale(tmp_path / "en", "en")).get_template("a.html").render(month=month)
    assert english == "Due for October; October; OCTOBER; 10 % off; 8 days"


def test_two_languages_share_a_folder_of_compiled_templates_and_no_words(tmp_path: Path) -> None:
    """Jinja folds `{{ 3|month }}` into the bytecode: with one key for both, the second page would speak the first language."""
    chain = layers(tmp_path, core_core={"a.html": "{{ 11|month }}"})
    compiled = tmp_path / "compiled"
    russian = locale(tmp_path / "ru", "ru")
    english = locale(tmp_path / "en", "en")
    said = [
        environment(chain, each, filters={"month": lambda _, name=name: name}, bytecode_cache_dir=compiled)
        .get_template("a.html")
        .render()
        for each, name in ((russian, "ноябрь"), (english, "November"), (russian, "changed"))
    ]
    assert said == ["ноябрь", "November", "ноябрь"], "each reads its own bytecode, and does read it"
    other = locale(tmp_path / "ru2", "ru", {"t.a": ("a", "б")})
    renewed = environment(chain, other, filters={"month": lambda _: "новый"}, bytecode_cache_dir=compiled)
    assert renewed.get_template("a.html").render() == "новый", "another catalogue is another key"
    plain = text_environment(chain, russian, filters={"month": lambda _: "<x>"}, bytecode_cache_dir=compiled)
    assert plain.get_template("a.html").render() == "<x>"
    assert compiled.stat().st_mode & 0o077 == 0, "compiled templates are code: nobody else may write them"


def test_environments_are_kept_and_the_least_used_given_up(tmp_path: Path) -> None:
    """One environment for a chain and a locale; at most `limit` at a time."""
    chain = layers(tmp_path, core_core={"a.html": "{{ place }} {{ 1|twice }} {{ locale.code }}"})
    english, russian = locale(tmp_path / "en", "en"), locale(tmp_path / "ru", "ru")
    kept = Environments({"place": "here"}, lambda each: {"twice": lambda value: f"{value}{each.code}"}, limit=2)
    first = kept.get(chain, english)
    assert first.get_template("a.html").render() == "here 1en en"
    assert kept.get(list(chain), english) is first
    assert kept.get(chain, russian).get_template("a.html").render() == "here 1ru ru"
    assert kept.get(chain, english) is first
    assert kept.get(chain, english, html=False) is not first
    assert kept.get(chain, english) is first, "used a moment ago"
    assert isinstance(first.get_template("a.html").render(), str)
    assert first.autoescape is True
    assert isinstance(first.globals["pgettext"]("t.x", "x"), Markup)  # type: ignore[operator]


def test_a_changed_template_is_seen_only_when_reloading(tmp_path: Path) -> None:
    """Production never stats a file; development sees each change."""
    chain = layers(tmp_path, core_core={"a.html": "one"})
    english = locale(tmp_path / "en", "en")
    steady, quick = environment(chain, english), environment(chain, english, reload=True)
    assert steady.get_template("a.html").render() == quick.get_template("a.html").render() == "one"
    put(tmp_path / "core_core", {"a.html": "two!"})
    assert steady.get_template("a.html").render() == "one"
    assert quick.get_template("a.html").render() == "two!"
