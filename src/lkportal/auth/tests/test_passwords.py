"""Laws of passwords: which are refused, how they are kept."""

from __future__ import annotations

import pytest

from lkportal.auth.guessable import is_guessable
from lkportal.auth.passwords import MOST, Passwords
from lkportal.auth.settings import AuthSettings

OWN = ("anna.sokolova@example.org", "Анна Соколова", "Северводоканал")


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "P@ssw0rd2026",
        "qwertyuiop",
        "1q2w3e4r5t",
        "1234567890",
        "9876543210",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "йцукенгшщз",
        "пароль12345",
        "gfhjkmgfhjkm",
        "iloveyou2025",
        "sokolova1985",
        "Соколова-1985",
        "Северводоканал1",
        "letmein_please"[:10],
        "Summer2026!!",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert is_guessable(password, OWN)


@pytest.mark.parametrize(
    "password",
    [
        "kettle under nine maps",
        "чайник под девятью картами",
        "Kx9#mmQ2vvL",
        "correct horse battery staple",
        "нерпа-лодка-туман",
        "aXbYcZdWeVfU",
        "🦭🌊 тихий берег",
    ],
)
def test_what_takes_long_to_guess_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert not is_guessable(password, OWN)


def test_length_is_the_only_other_rule() -> None:
    passwords = Passwords(AuthSettings())

    assert passwords.problem("ab3#Zq9-x") is not None
    assert passwords.problem("мосты тихо звенят " * 10) is not None
    assert passwords.problem("мосты тихо звенят, река молчит, а снег идёт до самого утра" * 2) is None
    assert len("мосты тихо звенят, река молчит, а снег идёт до самого утра" * 2) <= MOST


def test_the_default_profile_is_nineteen_mebibytes_two_passes_one_lane() -> None:
    kept = Passwords(AuthSettings()).make("kettle under nine maps")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Passwords(AuthSettings()).fits("kettle under nine maps", kept) == (True, "")


def test_a_broken_hash_fits_nobody() -> None:
    assert Passwords(AuthSettings()).fits("kettle under nine maps", "not a hash") == (False, "")
