"""Settings of 1C, the table [onec] of portal.toml: where it is, what is asked of it, how payments are written there. Names of sets and
fields are those of the company's configuration of 1C."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from lkportal.core.settings import ModuleSettings, Table


class PullTable(Table):
    """[[onec.pulls]]: rows of one set, brought by one import kind."""

    kind: Literal["accounts", "charges", "registry"] = Field("accounts", description="import kind the rows are for")
    entity: str = Field("", min_length=1, max_length=200, description="set of 1C, such as Catalog_ЛицевыеСчета")
    fields: dict[str, str] = Field(default_factory=dict, description="column of the kind -> field of 1C")
    filter: str = Field("", max_length=1000, description="$filter, such as: DeletionMark eq false")
    order: str = Field(
        "Ref_Key", max_length=200, description="$orderby: what never changes, so that pages do not overlap"
    )
    minutes: int = Field(60, ge=1, le=10_080, description="how often it is asked")


class PaymentsTable(Table):
    """[onec.payments]: the document that is made of a payment."""

    entity: str = Field(
        "", max_length=200, description="set of 1C, such as Document_ОплатаЧерезПортал; empty: not told"
    )
    key: str = Field(
        "КлючПортала", max_length=200, description="text field that keeps our key: it is searched before adding"
    )
    account: str = Field("ЛицевойСчет", max_length=200, description="text field for the number of the account")
    amount: str = Field("СуммаДокумента", max_length=200, description="field for the sum")
    day: str = Field("Date", max_length=200, description="field for the day")
    values: dict[str, str | bool] = Field(default_factory=dict, description="fields that are always the same")
    post: bool = Field(True, description="whether the document is posted (Post) after it is written")
    without: tuple[str, ...] = Field(("bank",), description="gateways whose payments 1C knows by itself")


class OneCSettings(ModuleSettings):
    """Where 1C is, and what is exchanged with it."""

    address: str = Field(
        "",
        pattern=r"^(https?://.+)?$",
        description="root of OData: https://HOST/BASE/odata/standard.odata/; empty: off",
    )
    login: str = Field("", max_length=100, description="user of 1C")
    password: SecretStr = Field(SecretStr(""), description="its password")
    timeout: float = Field(20.0, gt=0, le=60, description="seconds a call may take")
    page: int = Field(500, ge=1, le=5000, description="rows asked at once")
    pulls: tuple[PullTable, ...] = Field((), description="what is asked of 1C")
    payments: PaymentsTable = Field(PaymentsTable(), description="how payments are told to 1C")
