"""A wrong key or value stops the start: the sentence names the file, the key and the cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from lkportal.core.errors import StartupError
from lkportal.core.settings import Configuration, read_configuration, refuse_unknown_environment


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where portal.toml would stand."""
    return tmp_path / "portal.toml"


def refusal(file: Path, content: str) -> str:
    """Return the sentence that this portal.toml is refused with."""
    file.write_text(content, encoding="utf-8")
    with pytest.raises(StartupError) as caught:
        configured(file)
    return str(caught.value.message)


def configured(file: Path) -> Configuration:
    """Read a settings file as create_app does with no module installed."""
    configuration = read_configuration(file)
    configuration.refuse_unknown_tables([])
    return configuration


class TestTheFile:
    def test_absent(self, file: Path) -> None:
        with pytest.raises(StartupError) as caught:
            read_configuration(file)
        assert str(caught.value.message) == (
            f"There is no settings file {file}. Make one with `lkportal new DIR` or name another with --config."
        )

    def test_not_toml(self, file: Path) -> None:
        said = refusal(file, "[portal]\npublic_url = lk.example.org\n")
        assert said.startswith(f"{file} is not valid TOML: ")
        assert "line 2" in said
        assert said.endswith("Mend that line.")

    def test_not_utf8(self, file: Path) -> None:
        file.write_bytes("[portal]\n# Водоканал".encode("cp1251"))
        with pytest.raises(StartupError, match=r"is not valid TOML: 'utf-8' codec"):
            read_configuration(file)


class TestKeys:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("[portal]\ntimezone = 'UTC'\n", "there is no setting 'portal.timezone'. Did you mean 'time_zone'?"),
            ("[web]\nqueue_second = 1\n", "there is no setting 'web.queue_second'. Did you mean 'queue_seconds'?"),
            ("public_url = 'x'\n", "there is no setting 'public_url'. Known here: "),
            ("[protal]\ndemo = true\n", "there is no module or setting 'protal'. Did you mean 'portal'?"),
        ],
    )
    def test_unknown(self, file: Path, content: str, said: str) -> None:
        assert refusal(file, content).startswith(f"{file}: {said}")

    def test_unknown_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LKPORTAL_PROTAL__DEMO", "1")
        with pytest.raises(StartupError) as caught:
            refuse_unknown_environment(["payments"])
        assert str(caught.value.message) == (
            "Environment: there is no setting for LKPORTAL_PROTAL__DEMO. Did you mean 'portal'?"
        )

    def test_variables_of_modules_and_of_the_settings_file_are_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LKPORTAL_PAYMENTS__GATEWAY", "yookassa")
        monkeypatch.setenv("LKPORTAL_CONFIG", "portal.toml")
        refuse_unknown_environment(["payments"])


class TestValues:
    @pytest.mark.parametrize(
        ("content", "key", "why"),
        [
            ("[jobs]\nthreads = 'two'\n", "jobs.threads", "Input should be a valid integer"),
            ("[jobs]\nthreads = 0\n", "jobs.threads", "Input should be greater than or equal to 1"),
            ("[jobs]\nengine = 'celery'\n", "jobs.engine", "Input should be 'auto', 'table' or 'procrastinate'"),
            (
                "[portal]\ntime_zone = 'Moscow'\n",
                "portal.time_zone",
                "there is no time zone 'Moscow'; use a name such as Europe/Moscow",
            ),
            (
                "[portal]\npublic_url = 'lk.example.org'\n",
                "portal.public_url",
                "write the whole address, such as https://lk.example.org",
            ),
            ("[portal]\nlanguages = []\n", "portal.languages", "Tuple should have at least 1 item"),
            ("portal = 5\n", "portal", "Input should be a valid dictionary"),
        ],
    )
    def test_wrong(self, file: Path, content: str, key: str, why: str) -> None:
        said = refusal(file, content)
        variable = f"LKPORTAL_{key.replace('.', '__').upper()}"
        assert said.startswith(f"{file}: {key} is wrong: {why}")
        assert said.endswith(f"Mend it there or in the variable {variable}.")

    def test_a_secret_is_not_repeated(self, file: Path) -> None:
        said = refusal(file, "secret_key = ['kettle-under-nine-maps']\n")
        assert "secret_key is wrong" in said
        assert "kettle" not in said

    def test_the_environment_stands_above_the_file(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file.write_text("[portal]\ncurrency = 'RUB'\ndemo = true\n")
        monkeypatch.setenv("LKPORTAL_PORTAL__CURRENCY", "KZT")
        settings = configured(file).settings.portal
        assert (settings.currency, settings.demo) == ("KZT", True)

    def test_overrides_stand_above_the_file_key_by_key(self, file: Path) -> None:
        file.write_text("[portal]\ncurrency = 'RUB'\ndemo = true\n")
        settings = read_configuration(file, {"portal": {"currency": "KZT"}}).settings.portal
        assert (settings.currency, settings.demo) == ("KZT", True)

    def test_paths_are_relative_to_the_file(self, file: Path) -> None:
        file.write_text("")
        assert configured(file).path(Path("brand")) == file.parent / "brand"
