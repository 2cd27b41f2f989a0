"""The description of the API holds: a validator reads it, rows look as it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from lkportal.api.tests.conftest import System
from lkportal.app import Portal
from lkportal.cli.openapi import openapi
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


def schema(description: dict[str, Any], name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", **description})


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_description_is_openapi_in_each_language(visit: Callable[..., Visitor], language: str) -> None:
    answer = visit(language=language).get("/api/openapi.json")

    description = answer.json()
    OpenAPIV31SpecValidator(description).validate()
    assert ("Начисления" in answer.text or "счёт" in answer.text) == (language == "ru")


def test_every_kind_is_described_with_an_example_that_is_taken(
    portal: Portal, give: Callable[..., System], account: AccountRef
) -> None:
    kinds = portal.registry.import_kinds
    system = give(*kinds)
    description = system.get("/api/openapi.json").json()

    for name in kinds:
        post = description["paths"][f"/api/v1/feed/{name}"]["post"]
        example = post["requestBody"]["content"]["application/x-ndjson"]["examples"]["one"]["value"]
        schema(description, f"{name}.row").validate(json.loads(example))
        said = system.push(name, example.encode()).json()
        run = said.get("run", said)
        schema(description, "Run").validate(run)
        unread = [each for each in run["rejects"] if each["column"] and each["reason"].startswith("Write")]
        assert unread == [], name


def test_answers_and_problems_look_as_described(billing: System, account: AccountRef) -> None:
    description = billing.get("/api/openapi.json").json()
    row = {"account": "0412778215", "amount": "5.00"}

    done = billing.push("registry", [row, {"account": "1"}])
    problems = [billing.push("weather", [row]), billing.push("registry", b"x", key="two"), billing.get("/api/v1/x")]

    schema(description, "Run").validate(done.json())
    for answer in problems:
        schema(description, "Problem").validate(answer.json())


def test_the_shell_prints_the_same(portal: Portal, billing: System) -> None:
    printed = CliRunner().invoke(openapi, ["--language", "en"], obj=lambda: portal).stdout

    assert json.loads(printed) == billing.get("/api/openapi.json").json()
