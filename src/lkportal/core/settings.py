"""Typed settings from portal.toml and the environment. A wrong key or value stops the start with file, key and cure.
A module's own settings stand in its settings.py and in the table of portal.toml that bears its name."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import localedata
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from lkportal.core.errors import StartupError
from lkportal.core.language.formats import formats_of

ENV_PREFIX = "LKPORTAL_"
S = TypeVar("S", bound="ModuleSettings")


class Table(BaseModel):
    """A table of portal.toml: closed, so that a misspelt key is found at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModuleSettings(BaseSettings):
    """What a module's settings class derives from: values from portal.toml, overridden by the environment."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_nested_delimiter="__")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


class DatabaseTable(Table):
    """[database]: one URL for SQLite or PostgreSQL."""

    url: SecretStr = Field(SecretStr("sqlite:///data/portal.db"), description="sqlite:///file or postgresql://...")
    statement_timeout_ms: int = Field(5_000, ge=100, description="longest SQL statement of a page, milliseconds")


class ModulesTable(Table):
    """[modules]: which of the installed modules are switched on."""

    enabled: tuple[str, ...] = Field((), description="names of modules to switch on, in no particular order")


class WebTable(Table):
    """[web]: limits and surroundings of the HTTP edge."""

    hosts: tuple[str, ...] = Field((), description="host names answered besides the public URL's and the brands'")
    root_path: str = Field("", description="path prefix the portal is served under, such as /lk")
    assets_url: str = Field("", description="another origin that serves static files, such as https://cdn.example.org")
    trusted_proxies: tuple[str, ...] = Field((), description="networks whose X-Forwarded-* headers are believed")
    frame_ancestors: tuple[str, ...] = Field((), description="origins that may show the portal in a frame")
    compiled_dir: Path | None = Field(
        None, description="folder that keeps compiled templates between starts; empty: each start compiles them"
    )
    gallery: bool = Field(False, description="show the gallery of the kit at /_kit, as demo mode does")
    web_slots: int = Field(24, ge=1, description="pages worked on at once")
    slow_slots: int = Field(8, ge=1, description="requests that wait for other systems at once")
    hash_slots: int = Field(2, ge=1, description="password checks at once")
    files_slots: int = Field(16, ge=1, description="uploads and downloads at once")
    papers_slots: int = Field(2, ge=1, description="papers printed as PDF at once; each keeps a processor busy")
    queue_seconds: float = Field(10.0, gt=0, description="how long a request waits for a slot before 503")


class JobsTable(Table):
    """[jobs]: who does the work that waits."""

    engine: Literal["auto", "table", "procrastinate"] = Field(
        "auto", description="auto: table on SQLite, procrastinate on PostgreSQL"
    )
    threads: int = Field(2, ge=1, description="jobs worked on at once by one worker")
    in_web: bool = Field(True, description="run a worker inside the web process")
    keep_days: int = Field(30, ge=1, description="how long finished jobs and relayed events are kept")


class MailTable(Table):
    """[mail]: the SMTP server that letters leave through."""

    host: str = Field("127.0.0.1", description="SMTP server")
    port: int = Field(25, ge=1, le=65535, description="SMTP port")
    security: Literal["none", "starttls", "tls"] = Field("none", description="none, starttls or tls")
    username: str = Field("", description="SMTP user, empty for none")
    password: SecretStr = Field(SecretStr(""), description="SMTP password")
    sender: str = Field("", description="address letters come from; empty: no-reply@ the public URL's host")
    returns: str = Field("", description="address that undelivered letters come back to; empty: the sender's")
    timeout_seconds: float = Field(20.0, gt=0, description="longest wait for the server")


class PortalTable(Table):
    """[portal]: where and for whom the portal stands."""

    public_url: str = Field("http://127.0.0.1:8000", description="address customers open; letters link to it")
    languages: tuple[str, ...] = Field(("ru", "en"), min_length=1, description="languages offered, the default first")
    country: str = Field(
        "RU",
        pattern="^[A-Z]{2}$",
        description="country of the company, ISO 3166: numbers, dates and clock are written as there",
    )
    time_zone: str = Field("Europe/Moscow", description="time zone of the company")
    currency: str = Field("RUB", min_length=3, max_length=3, description="currency of bills, ISO 4217")
    data_dir: Path = Field(Path("data"), description="folder for files and the SQLite database")
    brand_dir: Path | None = Field(None, description="folder with brand.toml; empty: the default look")
    brands: dict[str, Path] = Field({}, description="more brands: key = folder with its brand.toml")
    theme: str = Field("default", description="installed theme")
    demo: bool = Field(False, description="demo mode: mailbox page, demo logins, sandbox payments")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is logged")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {value!r}; use a name such as Europe/Moscow") from error
        return value

    @field_validator("country")
    @classmethod
    def _known_country(cls, value: str) -> str:
        formats_of("en", value)
        return value

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if not (code.isalpha() and code.islower() and localedata.exists(code)):
                raise ValueError(f"there is no language {code!r}; use codes such as ru, en, kk")
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("write the whole address, such as https://lk.example.org")
        return value.rstrip("/")


class StorageTable(Table):
    """[storage]: where files are kept. Without a bucket it is the folder `files` of portal.data_dir."""

    bucket: str = Field(
        "", description="bucket of an object store (S3 or alike); needs lkportal[s3]; empty: a folder here"
    )
    prefix: str = Field("", description="begins every key in the bucket")
    endpoint: str = Field("", description="address of the store; empty: Amazon's")
    region: str = Field("us-east-1", description="region of the bucket")
    access_key: SecretStr = Field(SecretStr(""), description="id of the key; from the environment")
    secret_key: SecretStr = Field(SecretStr(""), description="the key; from the environment")
    seconds: int = Field(30, ge=1, le=600, description="longest wait for one answer of the store, seconds")


class PortalSettings(ModuleSettings):
    """The settings of the core: portal.toml without the modules' tables."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix=ENV_PREFIX, env_nested_delimiter="__")

    secret_key: SecretStr = Field(SecretStr(""), description="signs short-lived tokens; from the environment")
    encryption_keys: tuple[SecretStr, ...] = Field(
        (), description="key ring, newest first: k2:base64; from the environment"
    )
    portal: PortalTable = PortalTable()
    database: DatabaseTable = DatabaseTable()
    modules: ModulesTable = ModulesTable()
    web: WebTable = WebTable()
    jobs: JobsTable = JobsTable()
    mail: MailTable = MailTable()
    storage: StorageTable = StorageTable()


class Configuration:
    """portal.toml as read: the core's settings, and the tables that belong to modules, not yet judged."""

    def __init__(self, settings: PortalSettings, tables: Mapping[str, Mapping[str, Any]], file: Path | None) -> None:
        self.settings = settings
        self.tables = tables
        self.file = file
        self.folder = file.parent if file else Path.cwd()

    def path(self, relative: Path) -> Path:
        """Return a path of the settings, taken relative to the folder of portal.toml."""
        return relative if relative.is_absolute() else self.folder / relative

    def of_module(self, name: str, model: type[S], values: Mapping[str, Any] | None = None) -> S:
        """Return the settings of module `name`, judged by `model`. `values` by path ("autopay.hour") stand above portal.toml."""
        table: Mapping[str, Any] = self.tables.get(name, {})
        for key, value in (values or {}).items():
            table = _merge(table, _nested(key, value))
        try:
            return model(_env_prefix=f"{ENV_PREFIX}{name.upper()}__", **table)
        except ValidationError as error:
            raise _refusal(self.file, error, model, (name,)) from None

    def refuse_unknown_tables(self, known: Iterable[str]) -> None:
        """Stop when portal.toml has a table that no installed module owns."""
        choices = [*PortalSettings.model_fields, *known]
        for name in self.tables:
            if name not in choices:
                raise StartupError(
                    "settings_unknown_table",
                    f"{_where(self.file)}: there is no module or setting {name!r}.{_guess(name, choices)}",
                )


def read_configuration(file: Path | None, overrides: Mapping[str, Any] | None = None) -> Configuration:
    """Return the configuration from `file` (portal.toml, may be None) with `overrides` on top and the environment above all.

    Raises StartupError naming file, key and cure when the file is absent, is not TOML, or a value does not fit.
    """
    tables = _merge(_read_toml(file), overrides or {})
    own = {key: value for key, value in tables.items() if key in PortalSettings.model_fields}
    rest = {key: value for key, value in tables.items() if key not in PortalSettings.model_fields}
    try:
        settings = PortalSettings(**own)
    except ValidationError as error:
        raise _refusal(file, error, PortalSettings, ()) from None
    stray = {key: value for key, value in rest.items() if not isinstance(value, Mapping)}
    for key in stray:
        raise StartupError(
            "settings_unknown_key",
            f"{_where(file)}: there is no setting {key!r}.{_guess(key, list(PortalSettings.model_fields))}",
        )
    return Configuration(settings, rest, file)


def refuse_unknown_environment(modules: Iterable[str]) -> None:
    """Stop when a variable LKPORTAL_... names neither a setting nor an installed module: it would be silently ignored."""
    known = [*PortalSettings.model_fields, *modules]
    for variable in os.environ:
        if not variable.startswith(ENV_PREFIX):
            continue
        name = variable.removeprefix(ENV_PREFIX).lower().split("__")[0]
        if name not in known and name != "config":
            raise StartupError(
                "settings_unknown_variable",
                f"Environment: there is no setting for {variable}.{_guess(name, known)}",
            )


def _read_toml(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StartupError(
            "settings_file_absent",
            f"There is no settings file {file}. Make one with `lkportal new DIR` or name another with --config.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StartupError("settings_not_toml", f"{file} is not valid TOML: {error}. Mend that line.") from None


def _merge(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _nested(key: str, value: Any) -> dict[str, Any]:
    """Return the table in which a path holds a value."""
    first, _, rest = key.partition(".")
    return {first: _nested(rest, value) if rest else value}


def _refusal(
    file: Path | None, error: ValidationError, model: type[BaseModel], prefix: tuple[str, ...]
) -> StartupError:
    first = error.errors(include_url=False, include_input=False)[0]
    path = [*prefix, *(str(part) for part in first["loc"])]
    key = ".".join(path)
    if first["type"] == "extra_forbidden":
        fields = _fields_at(model, [str(part) for part in first["loc"][:-1]])
        return StartupError(
            "settings_unknown_key", f"{_where(file)}: there is no setting {key!r}.{_guess(path[-1], fields)}"
        )
    message = first["msg"].removeprefix("Value error, ")
    variable = ENV_PREFIX + "__".join(path).upper()
    return StartupError(
        "settings_wrong_value",
        f"{_where(file)}: {key} is wrong: {message}. Mend it there or in the variable {variable}.",
    )


def _fields_at(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return list(model.model_fields)


def _guess(name: str, choices: list[str]) -> str:
    close = difflib.get_close_matches(name, choices, n=1)
    if close:
        return f" Did you mean {close[0]!r}?"
    return f" Known here: {', '.join(sorted(choices))}." if choices else ""


def _where(file: Path | None) -> str:
    return str(file) if file else "Settings"
