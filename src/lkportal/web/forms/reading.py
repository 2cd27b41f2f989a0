"""Forms: a closed pydantic model read from what was typed. Errors are texts by field; what was typed is kept for the same page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import MultiDict

from lkportal.core.i18n import Text, text
from lkportal.web.forms.fields import CHOOSE, Label, too_long
from lkportal.web.request import Request
from lkportal.web.trust.csrf import FIELD as CSRF_FIELD

M = TypeVar("M", bound=BaseModel)
WHOLE = ""
"""The "field" of errors that belong to the form as a whole."""
_KEYED = re.compile(r"([a-z][a-z0-9_]*)\[([A-Za-z0-9_-]{1,64})\]")

_MISSING = text("web.form.missing", "Fill this in.")
_UNKNOWN = text("web.form.unknown", "The form does not match this page. Reload the page and fill it in again.")
_MISFIT = text("web.form.misfit", "This does not fit. Check what you typed.")
_NUMBER = text("web.form.number", "Enter a whole number.")

_BIGGEST = 2**63 - 1
"""No database holds a larger number."""


class FormModel(BaseModel):
    """What a form's model derives from: closed, so that a field nobody declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=4000)


@dataclass
class Form(Generic[M]):
    """A form as read: `data` when it is valid, `errors` by field when not, `values` as typed either way."""

    model: type[M]
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, Text] = field(default_factory=dict)
    parsed: M | None = None

    @property
    def valid(self) -> bool:
        """Whether the data may be used: read without error, and none was added since."""
        return self.parsed is not None and not self.errors

    @property
    def data(self) -> M:
        """The validated model. Raises RuntimeError when the form could not be read: ask `valid` first."""
        if self.parsed is None:
            raise RuntimeError("The form was not valid: ask form.valid before form.data.")
        return self.parsed

    def add_error(self, name: str, message: Text) -> None:
        """Add what a rule found wrong with a field (WHOLE for the form itself); the first error of a field stays."""
        self.errors.setdefault(name, message)

    def value(self, name: str) -> Any:
        """Return what was typed into a field, "" for nothing: what the page shows again."""
        return self.values.get(name, "")

    def error(self, name: str) -> Text | None:
        """Return the error of a field, or None."""
        return self.errors.get(name)

    def label(self, name: str) -> Text | None:
        """Return what the field is called, if its model says so with a Label."""
        return _labels(self.model).get(name.partition("[")[0])

    @property
    def summary(self) -> list[tuple[str, Text]]:
        """The errors for the summary above the form: (id of the field, which is its name, or "", words with its label)."""
        return [(name, self._named(name, words)) for name, words in self.errors.items()]

    def _named(self, name: str, words: Text) -> Text:
        label = self.label(name) if name else None
        if label is None:
            return words
        return text("web.form.labelled", "%(label)s: %(problem)s", label=label, problem=words)


def empty_form(model: type[M], values: Mapping[str, Any] | None = None) -> Form[M]:
    """Return a form nobody filled in yet, perhaps with suggested values."""
    return Form(model, dict(values or {}))


def read_form(request: Request, model: type[M]) -> Form[M]:
    """Return the form sent with this request, validated by `model`. Never raises: a misfit is an error of the form.

    Empty fields count as missing. A field named "readings[Xk3]" goes into the dict field `readings` under "Xk3".
    """
    return read_fields(request.form_data, model, _context(request))


def read_query(request: Request, model: type[M]) -> Form[M]:
    """Return the form sent in the query of a GET: searches and filters. What the model does not know is left out, for addresses
    get words added on their way: where a link was found, a page of an older list."""
    known = {alias for name, field in model.model_fields.items() for alias in (name, field.alias)}
    asked = [(name, value) for name, value in request.query_params.multi_items() if name in known]
    return read_fields(MultiDict(asked), model, _context(request))


def read_fields(sent: MultiDict, model: type[M], context: Mapping[str, Any] | None = None) -> Form[M]:
    """Return a form from fields by name; see `read_form`. `context` is what kinds of fields may ask: `country`."""
    form = Form(model)
    taken: dict[str, Any] = {}
    for name in dict.fromkeys(sent):
        if name != CSRF_FIELD:
            _take(form, taken, name, sent.getlist(name))
    try:
        form.parsed = model.model_validate(taken, context=dict(context or {}))
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = _field_of(problem["loc"], model)
            form.add_error(name, misfit_words(problem["type"], problem.get("ctx", {})))
    for name, value in form.parsed or ():
        if type(value) is int and abs(value) > _BIGGEST:
            form.add_error(name, _NUMBER)
    return form


def _context(request: Request) -> Mapping[str, Any]:
    return {"country": request.portal.settings.portal.country}


def _take(form: Form[M], taken: dict[str, Any], name: str, values: list[str]) -> None:
    """Put one sent field where the model wants it: a list, an entry of a dict, or one value."""
    kinds = _kinds(form.model)
    if kinds.get(name) == "many":
        form.values[name] = values
        taken[name] = [value for value in values if value.strip()]
        return
    if len(values) > 1:
        form.add_error(WHOLE, _UNKNOWN)
    value = values[-1]
    form.values[name] = value
    keyed = _KEYED.fullmatch(name)
    if keyed is not None and kinds.get(keyed[1]) == "keyed":
        if value.strip():
            taken.setdefault(keyed[1], {})[keyed[2]] = value
    elif value.strip() or name not in kinds:
        taken[name] = value


@lru_cache(maxsize=512)
def _kinds(model: type[BaseModel]) -> dict[str, str]:
    kinds = {}
    for name, info in model.model_fields.items():
        origin = get_origin(info.annotation) or info.annotation
        kinds[info.alias or name] = (
            "keyed" if origin is dict else "many" if origin in (list, tuple, set, frozenset) else "one"
        )
    return kinds


@lru_cache(maxsize=512)
def _labels(model: type[BaseModel]) -> dict[str, Text]:
    found = {}
    for name, info in model.model_fields.items():
        for extra in info.metadata:
            if isinstance(extra, Label):
                found[info.alias or name] = extra.words
    return found


def _field_of(location: tuple[int | str, ...], model: type[BaseModel]) -> str:
    if not location or str(location[0]) not in _kinds(model):
        return WHOLE
    name = str(location[0])
    if _kinds(model)[name] == "keyed" and len(location) > 1:
        return f"{name}[{location[1]}]"
    return name


def misfit_words(kind: str, context: Mapping[str, Any]) -> Text:
    """Return what is said of an error of pydantic's type `kind`."""
    own = context.get("text")
    if isinstance(own, Text):
        return own
    match kind:
        case "missing":
            return _MISSING
        case "extra_forbidden":
            return _UNKNOWN
        case "literal_error" | "enum":
            return CHOOSE
        case "int_parsing" | "int_from_float" | "int_type":
            return _NUMBER
        case "string_too_long":
            return too_long(context["max_length"])
        case "string_too_short" | "too_short":
            least = context["min_length"]
            return text("web.form.too_short", "Make this at least %(least)s long.", least=least)
        case "greater_than_equal":
            return text("web.form.at_least", "Enter %(least)s or more.", least=context["ge"])
        case "less_than_equal":
            return text("web.form.at_most", "Enter %(most)s or less.", most=context["le"])
    return _MISFIT
