"""A company's own words: by key, by brand, in its terms and its form of address; every mistake a sentence with its cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lkportal import accounts, auth, notify
from lkportal.core.language.catalogues import Library, Voice, compose, fill
from lkportal.core.language.formats import Locales
from lkportal.modules import payments
from lkportal.theming.brand.book import plain_book
from lkportal.theming.brand.file import load_book
from lkportal.theming.errors import BrandError
from lkportal.theming.templates.loaders import environment
from lkportal.theming.voices import Speech, load_speech, voices

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
RUSSIAN = (
    HEAD
    + """
msgctxt "term.account"
msgid "account"
msgstr "лицевой счёт"

msgctxt "term.account.gen"
msgid "account"
msgstr "лицевого счёта"

msgctxt "home.due"
msgid "Due for %(month)s on {account} %(number)s"
msgstr "К оплате за %(month)s по номеру {account.gen} %(number)s"

msgctxt "home.ask"
msgid "Ask us"
msgstr "Спросите нас"

msgctxt "home.ask@informal"
msgid "Ask us"
msgstr "Спроси нас"

msgctxt "home.days"
msgid "%(n)s day"
msgid_plural "%(n)s days"
msgstr[0] "%(n)s день"
msgstr[1] "%(n)s дня"
msgstr[2] "%(n)s дней"

msgctxt "home.new"
msgid "New {accounts}"
msgstr ""
"""
)
BRAND = '[brand]\nname = "{name}"\n{more}\n[color]\nprimary = "#0B3F86"\n'
Make = Callable[..., Locales]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "module" / "locale"
    (folder / "ru" / "LC_MESSAGES").mkdir(parents=True)
    (folder / "ru" / "LC_MESSAGES" / "messages.po").write_text(RUSSIAN, "utf-8")
    return Library([folder])


@pytest.fixture
def brand(tmp_path: Path, library: Library) -> Make:
    """Write a brand `key` with wording files and return its languages."""

    def make(key: str = "aqua", more: str = "", tail: str = "", **wording: str) -> Locales:
        folder = tmp_path / key
        (folder / "wording").mkdir(parents=True)
        (folder / "brand.toml").write_text(BRAND.format(name=key, more=more) + tail, "utf-8")
        for language, text in wording.items():
            (folder / "wording" / f"{language}.toml").write_text(text, "utf-8")
        speech = Speech(("ru", "en"), "RU", library)
        return voices(speech, [(load_book(folder), ())])[key]

    return make


def said(locales: Locales, key: str, english: str, language: str = "ru") -> str:
    return locales.get(language).pgettext(key, english)


DUE = "Due for %(month)s on {account} %(number)s"


def test_each_brand_says_its_own_words_and_the_rest_as_we_do(brand: Make) -> None:
    aqua = brand(ru='"home.ask" = "Спросите Акву"')
    plain = brand("plain")
    assert said(aqua, "home.ask", "Ask us") == "Спросите Акву"
    assert said(plain, "home.ask", "Ask us") == "Спросите нас"
    assert said(aqua, "home.ask", "Ask us", "en") == "Ask us"
    assert aqua.get("ru").catalogue.digest != plain.get("ru").catalogue.digest


def test_a_key_may_stand_in_tables_and_is_inherited_by_a_sub_brand(brand: Make) -> None:
    brand("group", ru='[home]\nask = "Спросите группу"\ndays = ["%(n)s сутки", "%(n)s суток", "%(n)s суток"]')
    child = brand("child", 'extends = "../group"')
    other = brand("other", 'extends = "../group"', ru='home.ask = "Спросите своих"')
    assert said(child, "home.ask", "Ask us") == "Спросите группу"
    assert said(other, "home.ask", "Ask us") == "Спросите своих"
    assert other.get("ru").npgettext("home.days", "%(n)s day", "%(n)s days", 3) == "%(n)s суток"


def test_terms_are_ours_until_a_company_gives_its_own(brand: Make) -> None:
    ours = said(brand(), "home.due", DUE)
    word = said(brand("word", tail='[voice]\nterms = { account = "договор" }\n'), "home.due", DUE)
    cases = said(brand("cases", tail='[voice.terms.account]\nnom = "договор"\ngen = "договора"\n'), "home.due", DUE)
    assert ours == "К оплате за %(month)s по номеру лицевого счёта %(number)s"
    assert word == "К оплате за %(month)s по номеру договор %(number)s"
    assert cases == "К оплате за %(month)s по номеру договора %(number)s"


def test_terms_of_the_first_language_do_not_leak_into_another(brand: Make) -> None:
    made = brand(tail='[voice]\nterms = { account = "договор" }\n', en='[terms]\naccount = "contract"\n')
    assert said(made, "home.due", DUE, "en") == "Due for %(month)s on contract %(number)s"
    assert said(brand("b", tail='[voice]\nterms = { account = "договор" }\n'), "home.due", DUE, "en") == (
        "Due for %(month)s on account %(number)s"
    )


def test_a_term_begins_a_sentence_with_a_capital_and_strange_braces_stay() -> None:
    terms = {"account": {"nom": "счёт", "gen": "счёта"}}
    assert fill("{Account} и {account.gen}, {nothing}, {0}", terms) == "Счёт и счёта, {nothing}, {0}"


def test_an_informal_brand_says_the_informal_variants_and_falls_back_to_formal(brand: Make) -> None:
    ty = brand(tail='[voice]\nformality = "ты"\n')
    assert said(ty, "home.ask", "Ask us") == "Спроси нас"
    assert "К оплате" in said(ty, "home.due", DUE)
    assert said(brand("vy"), "home.ask", "Ask us") == "Спросите нас"


def test_a_brands_own_wording_wins_over_the_informal_one_and_may_have_both(brand: Make) -> None:
    ty = '[voice]\nformality = "ты"\n'
    assert said(brand(tail=ty, ru='"home.ask" = "Вопросы"'), "home.ask", "Ask us") == "Вопросы"
    both = '"home.ask" = "Напишите"\n"home.ask@informal" = "Напиши"\n'
    assert said(brand("both", ru=both), "home.ask", "Ask us") == "Напишите"
    assert said(brand("child", 'extends = "../both"', tail=ty), "home.ask", "Ask us") == "Напиши"


def test_what_a_language_lacks_is_said_in_the_brands_english(library: Library) -> None:
    english = Voice(texts={"home.ask": ("Ask Aqua",)}, terms={"accounts": {"nom": "contracts"}})
    german = compose("de", library, Voice(), english)
    assert german.pgettext("home.ask", "Ask us") == "Ask Aqua"
    assert german.pgettext("home.new", "New {accounts}") == "New contracts"
    assert german.pgettext("unknown.key", "Plain") == "Plain"


WRONG = {
    "a misspelt key": ('"home.asc" = "Спросите"', "there is no text home.asc. Did you mean home.ask?"),
    "a missing value": ('"home.due" = "За %(month)s"', "%(number)s is missing"),
    "a foreign value": ('"home.ask" = "Спросите %(name)s"', "%(name)s is not a value of this text"),
    "a lost percent": (
        '"home.due" = "За %(month)s 100 % по %(number)s"',
        "a percent sign that is no placeholder is written twice",
    ),
    "one form of a count": ('"home.days" = "%(n)s дней"', "write a list of 3 forms"),
    "a list for a plain text": ('"home.ask" = ["а", "б", "в"]', "write the text in quotes"),
    "an unknown term": ('"home.ask" = "Ваш {acount}"', "there is no term {acount}. Did you mean {account}?"),
    "an unknown case": ('"home.ask" = "Ваш {account.voc}"', "there is no case voc"),
    "nothing": ('"home.ask" = " "', "the text is empty"),
    "not TOML": ("home.ask = Спросите", "ru.toml is not TOML"),
    "a term without a nominative": ('[terms]\naccount = { gen = "договора" }', "[terms] account: write a word"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_a_sentence_with_file_key_and_cure(brand: Make, case: str) -> None:
    text, sentence = WRONG[case]
    with pytest.raises(BrandError) as wrong:
        brand(ru=text)
    assert len(wrong.value.problems) == 1
    assert sentence in wrong.value.problems[0]
    assert "ru.toml" in wrong.value.problems[0]


def test_all_mistakes_of_all_files_are_told_at_once(brand: Make) -> None:
    with pytest.raises(BrandError) as wrong:
        brand(ru='"home.asc" = "а"\n"home.due" = "б"')
    assert len(wrong.value.problems) == 2


def test_a_wording_is_text_and_never_markup(brand: Make) -> None:
    made = brand(ru='"home.ask" = \'<b onclick="x()">Да</b> & "нет"\'')
    page = environment((), made.get("ru")).from_string('<p title="{{ pgettext("home.ask", "Ask us") }}">')
    letter = environment((), made.get("ru")).from_string('{% set x = pgettext("home.ask", "Ask us") %}{{ x }}')
    assert page.render() == '<p title="&lt;b onclick=&#34;x()&#34;&gt;Да&lt;/b&gt; &amp; &#34;нет&#34;">'
    assert "<b" not in letter.render()


def test_our_own_texts_follow_the_company_in_terms_and_address(tmp_path: Path) -> None:
    speech = load_speech(("ru", "en"), [auth.module, accounts.module, notify.module, payments.module])
    plain = speech.locales(plain_book("Aqua", "#0B3F86"))
    tail = '[voice]\nformality = "ты"\n[voice.terms.account]\nnom = "договор"\ngen = "договора"\n'
    (tmp_path / "brand.toml").write_text(BRAND.format(name="Aqua", more="") + tail, "utf-8")
    own = speech.locales(load_book(tmp_path))

    safe = ("auth.login.safe", "Bills and the address are seen only by those the {account} is open to.")
    assert said(plain, *safe) == "Счета и адрес видят только те, кому открыт лицевой счёт."
    assert said(own, *safe) == "Счета и адрес видят только те, кому открыт договор."
    assert said(own, *safe, "en") == "Bills and the address are seen only by those the account is open to."
    assert said(plain, "auth.login.heading", "Sign in to your account") == "Войдите в кабинет"
    assert said(own, "auth.login.heading", "Sign in to your account") == "Войди в кабинет"
    for locales in (plain, own):
        for locale in locales:
            words = locale.catalogue.translations
            shown = [locale.pgettext(key, english[0]) for key, english in speech.library.english.items()]
            assert not [each for each in shown if "{account" in each.lower()], words
