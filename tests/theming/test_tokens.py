"""Design tokens are read as DTCG 2025.10 says: types from groups, aliases, pointers, extended groups; and every fault is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lkportal.theming import BrandError, build_theme, load_book
from lkportal.theming.colour.spaces import Colour
from lkportal.theming.making.report import explain, report
from lkportal.theming.tokens.reading import Tokens, read_tokens
from lkportal.theming.tokens.values import TYPES, Measure
from tests.theming.conftest import WriteBrand, put

BLUE = {"colorSpace": "srgb", "components": [0, 0.475, 0.761], "hex": "#0079c2"}


def tokens(folder: Path, *documents: dict[str, Any]) -> Tokens:
    """Read documents as a chain of files, the most general first."""
    files = {f"{number}.json": json.dumps(document) for number, document in enumerate(documents)}
    put(folder, dict(files))
    return read_tokens([folder / name for name in files])


def test_types_come_from_the_token_its_target_or_its_group_in_that_order(tmp_path: Path) -> None:
    read = tokens(
        tmp_path,
        {
            "brand": {
                "$type": "color",
                "blue": {"$value": BLUE},
                "deep": {"nested": {"$value": "#123"}},
                "corner": {"$type": "dimension", "$value": {"value": 0.5, "unit": "rem"}},
            },
            "roles": {"$type": "number", "main": {"$value": "{brand.blue}"}, "thin": {"$value": 2}},
        },
    )
    assert {path: token.type for path, token in read.tokens.items()} == {
        "brand.blue": "color", "brand.deep.nested": "color", "brand.corner": "dimension", "roles.main": "color",
        "roles.thin": "number",
    }  # fmt: skip
    assert read.tokens["roles.main"].value == Colour("#0079C2")
    assert read.tokens["brand.corner"].value == Measure(0.5, "rem")


def test_pointers_name_whole_tokens_and_parts_of_values(tmp_path: Path) -> None:
    """`$ref` follows RFC 6901, through aliases too; a slash and a tilde in a name are escaped."""
    read = tokens(
        tmp_path,
        {
            "base": {"blue": {"$type": "color", "$value": BLUE}, "same": {"$value": "{base.blue}"}},
            "a/b~": {"$type": "number", "c": {"$value": 4}},
            "main": {"$ref": "#/base/blue"},
            "part": {
                "$type": "color",
                "$value": {
                    "colorSpace": {"$ref": "#/base/blue/$value/colorSpace"},
                    "components": [{"$ref": "#/base/same/$value/components/1"}, 0, 1],
                },
            },
            "escaped": {"$type": "number", "$value": {"$ref": "#/a~1b~0/c/$value"}},
        },
    )
    assert read.faults == {}
    assert read.tokens["main"].type == "color"
    assert read.tokens["part"].value == Colour("#7900FF")
    assert read.tokens["escaped"].value == 4


def test_groups_extend_others_and_have_a_root(tmp_path: Path) -> None:
    """Tokens and type are inherited, a token of one's own replaces the whole one; `$root` is the group's own value."""
    read = tokens(
        tmp_path,
        {
            "button": {
                "$type": "color",
                "$root": {"$value": "#111111"},
                "back": {"$value": "#222222", "$description": "of the other"},
                "states": {"hover": {"$value": "#333333"}},
            },
            "primary": {"$extends": "{button}", "back": {"$value": "#444444"}, "ring": {"$value": "{primary.$root}"}},
            "danger": {"$ref": "#/primary", "states": {"active": {"$value": "#555555"}}},
        },
    )
    shown = {path: token.value.hex for path, token in read.tokens.items() if isinstance(token.value, Colour)}
    assert shown["primary.back"] == shown["danger.back"] == "#444444"
    assert shown["primary.ring"] == shown["danger.$root"] == "#111111"
    assert shown["danger.states.hover"] == "#333333"
    assert shown["danger.states.active"] == "#555555"


GOOD: dict[str, tuple[object, object]] = {
    "color": (BLUE, Colour("#0079C2")),
    "dimension": ("8px", Measure(8, "px")),
    "fontFamily": ("'Noto Sans', sans-serif", ("Noto Sans", "sans-serif")),
    "fontWeight": ("semi-bold", 600),
    "duration": ({"value": 0.2, "unit": "s"}, Measure(0.2, "s")),
    "cubicBezier": ([0.5, 0, 1, 1], (0.5, 0, 1, 1)),
    "number": (1.5, 1.5),
    "strokeStyle": ("dashed", "dashed"),
    "border": (
        {"color": "#000000", "width": "1px", "style": "solid"},
        {"color": Colour("#000000"), "width": Measure(1, "px"), "style": "solid"},
    ),
    "transition": (
        {"duration": "9ms", "delay": "0ms", "timingFunction": [0, 0, 1, 1]},
        {"duration": Measure(9, "ms"), "delay": Measure(0, "ms"), "timingFunction": (0, 0, 1, 1)},
    ),
    "shadow": (
        {"color": "#0008", "offsetX": "0", "offsetY": "1px", "blur": "2px", "spread": "0px"},
        ({"color": Colour("#000000", 136 / 255), "offsetX": Measure(0, "px"), "offsetY": Measure(1, "px"),
          "blur": Measure(2, "px"), "spread": Measure(0, "px")},),
    ),
    "gradient": ([{"color": "#ff0000", "position": 0}], ({"color": Colour("#FF0000"), "position": 0.0},)),
    "typography": (
        {"fontFamily": ["Onest"], "fontSize": "17px", "fontWeight": 400, "letterSpacing": "0px", "lineHeight": 1.5},
        {"fontFamily": ("Onest",), "fontSize": Measure(17, "px"), "fontWeight": 400, "letterSpacing": Measure(0, "px"),
         "lineHeight": 1.5},
    ),
}  # fmt: skip


def test_every_type_of_the_standard_is_read(tmp_path: Path) -> None:
    assert set(GOOD) == set(TYPES)
    read = tokens(tmp_path, {kind: {"$type": kind, "$value": value} for kind, (value, _) in GOOD.items()})
    assert read.faults == {}
    assert {kind: token.value for kind, token in read.tokens.items()} == {
        kind: value for kind, (_, value) in GOOD.items()
    }


BAD: dict[str, tuple[str, object, str]] = {
    "a colour by number": ("color", 12, "must be a colour"),
    "a colour by word": ("color", "inherit", "must be a colour"),
    "a space nobody has": ("color", {"colorSpace": "cmyk", "components": [0, 0, 0]}, "unknown colorSpace"),
    "two components": ("color", {"colorSpace": "srgb", "components": [0, 0]}, "three components"),
    "a component past its end": ("color", {"colorSpace": "srgb", "components": [0, 0, 194]}, "from 0 to 1"),
    "a length in per cent": ("dimension", "100%", "px or rem"),
    "a length without a unit": ("dimension", 8, "px or rem"),
    "a weight past the end": ("fontWeight", 1001, "from 1 to 1000"),
    "a time in minutes": ("duration", {"value": 1, "unit": "min"}, "ms or s"),
    "three numbers": ("cubicBezier", [0, 0, 1], "four numbers"),
    "a number in words": ("number", "many", "must be a number"),
    "no family": ("fontFamily", [], "font family"),
    "an unknown line": ("strokeStyle", "wavy", "solid, dashed"),
    "a border without width": ("border", {"color": "#000000", "style": "solid"}, "color, width, style"),
    "a border with a wrong part": ("border", {"color": "red", "width": "1px", "style": "solid"}, "has a color that must be"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_wrong_value_is_named_with_file_and_path(kind: str, tmp_path: Path) -> None:
    """Also where the type comes from the group, which the published schema lets pass."""
    type_name, value, said = BAD[kind]
    read = tokens(tmp_path, {"g": {"$type": type_name, "a": {"$value": value}, "b": {"$value": "{g.a}"}}})
    assert read.tokens == {}
    assert read.faults["g.a"].startswith(f"{tmp_path / '0.json'}: g.a = ")
    assert said in read.faults["g.a"]


def test_a_reference_that_leads_nowhere_names_the_nearest_token(tmp_path: Path) -> None:
    group = {"$type": "color", "primary": {"$value": "#000000"}, "set": {"$root": {"$value": "#111111"}}}
    read = tokens(
        tmp_path,
        {
            "brand": group,
            "a": {"$value": "{brand.primry}"},
            "b": {"$value": "{brand.set}"},
            "c": {"$ref": "#/brand/second"},
            "d": {"$value": {"$ref": "other.json#/x"}, "$type": "color"},
            "e": {"$value": 3},
        },
    )
    assert "a refers to {brand.primry}, and there is no such token. Did you mean brand.primary?" in read.faults["a"]
    assert "write {brand.set.$root} for its root token" in read.faults["b"]
    assert 'there is no "second"' in read.faults["c"]
    assert "only places of the same file" in read.faults["d"]
    assert 'has no type: write "$type"' in read.faults["e"]


def test_a_circle_is_refused_with_the_way_round_it(tmp_path: Path) -> None:
    """One sentence, whichever token of the ring is met first, and those that only lead into it are no part of it."""
    ring = {"z": {"$value": "{b}"}, "b": {"$value": "{c}"}, "c": {"$ref": "#/a"}, "a": {"$value": "{b}"}}
    with pytest.raises(BrandError) as refused:
        tokens(tmp_path, ring)
    assert refused.value.problems == [
        f"{tmp_path / '0.json'}: a goes round in a circle: a -> b -> c -> a. Give one of them a value of its own."
    ]
    inside = {
        "$type": "color",
        "a": {"$value": {"colorSpace": "srgb", "components": [{"$ref": "#/a/$value/components/1"}, 0, 0]}},
    }
    with pytest.raises(BrandError, match="a goes round in a circle"):
        tokens(tmp_path, inside)


@pytest.mark.parametrize(
    "groups",
    [
        {"a": {"$extends": "{b}", "x": {"$value": 1}}, "b": {"$extends": "{a}"}},
        {"a": {"x": {"$value": 1}, "c": {"$extends": "{a}"}}},
    ],
)
def test_groups_that_extend_each_other_are_refused(groups: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(BrandError, match="extend each other in a circle"):
        tokens(tmp_path, groups)


def test_a_long_chain_of_aliases_is_a_sentence_not_a_crash(tmp_path: Path) -> None:
    chain: dict[str, Any] = {f"t{number}": {"$value": f"{{t{number + 1}}}"} for number in range(5000)}
    read = tokens(tmp_path, chain | {"t5000": {"$type": "number", "$value": 1}})
    assert "refers to others more than 60 times in a row" in read.faults["t0"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON: line 1"), ("[1]", "must be an object"), ("{}", "holds no tokens"),
        ('{"brand": {"blue": {"value": "#00f", "type": "color"}}}', 'write "$value" and "$type"'),
        ('{"a": {"$extends": "{b}", "x": {"$value": 1}}}', "extends b, which does not exist"), ("[" * 90000, "nested too deeply"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_tokens_is_refused(text: str, said: str, tmp_path: Path) -> None:
    put(tmp_path, {"t.json": text})
    with pytest.raises(BrandError) as refused:
        read_tokens([tmp_path / "t.json"])
    assert said in refused.value.problems[0]
    assert str(tmp_path / "t.json") in refused.value.problems[0]


def test_sets_of_a_design_tool_are_laid_over_each_other_in_their_order(tmp_path: Path) -> None:
    """One file of Tokens Studio: references leave the name of their set out, a later set wins, a dark mode is no part of it."""
    read = tokens(
        tmp_path,
        {
            "own": {"c": {"$type": "color", "ink": {"$value": "#222222"}}},
            "base": {"c": {"$type": "color", "ink": {"$value": "#111111"}, "link": {"$value": "{c.ink}"}}},
            "scheme-dark/own": {"c": {"$type": "color", "ink": {"$value": "#EEEEEE"}}},
            "$themes": [],
            "$metadata": {"tokenSetOrder": ["base", "own", "scheme-dark/own"]},
        },
    )
    assert read.tokens["c.link"].value == Colour("#222222")


BOOK = '[brand]\nname = "Аква"\n'


def export(**colours: object) -> str:
    """A tokens file: name -> value of a colour, or a whole token."""
    return json.dumps(
        {
            "brand": {
                "$type": "color",
                **{n: v if isinstance(v, dict) and "$value" in v else {"$value": v} for n, v in colours.items()},
            }
        }
    )


def test_a_book_points_into_its_tokens_and_tells_where_a_value_came_from(brand: WriteBrand) -> None:
    folder = brand(
        BOOK + '[color]\nprimary = "{token:brand.blue}"\naccent = "#FF7900"\n[shape]\nradius = "{token:corner}"\n',
        files={
            "brand.tokens.json": json.dumps(
                {
                    "brand": {"blue": {"$type": "color", "$value": BLUE}},
                    "corner": {"$type": "dimension", "$value": "0.75rem"},
                }
            )
        },
    )
    book = load_book(folder)
    assert (book.sections.color.primary, book.sections.shape.radius) == ("#0079C2", "12px")
    told = {item.key: (item.source, item.how) for item in explain(build_theme(book))}
    assert told["color.primary"] == (folder / "brand.toml", f"token brand.blue of {folder / 'brand.tokens.json'}")
    assert told["color.accent"] == (folder / "brand.toml", "")


def role(name: str, value: object) -> dict[str, object]:
    """A token that names its role."""
    return {"$value": value, "$extensions": {"org.lkportal": {"role": name}}}


def test_tokens_that_name_their_role_fill_a_key_and_brand_toml_wins(brand: WriteBrand) -> None:
    """A brand needs no colours of its own then; what brand.toml says stands above."""
    exported = export(a=role("fill", BLUE), b=role("accent", "#FF7900"))
    folder = brand(BOOK, files={"brand.tokens.json": exported})
    book = load_book(folder)
    assert (book.sections.color.primary, book.sections.color.accent) == ("#0079C2", "#FF7900")
    assert book.origins["color.primary"] == folder / "brand.tokens.json"
    book = load_book(brand(BOOK + '[color]\nprimary = "#E30611"\n', files={"brand.tokens.json": exported}))
    assert (book.sections.color.primary, book.sections.color.accent) == ("#E30611", "#FF7900")


def test_a_sister_brand_changes_one_token_of_the_group(brand: WriteBrand) -> None:
    """Tokens of a chain are one document, so what refers to the changed one follows."""
    brand(
        BOOK + '[color]\nprimary = "{token:role.main}"\n',
        "group",
        {
            "brand.tokens.json": '{"brand": {"$type": "color", "a": {"$value": "#0079C2"}}, "role": {"main": {"$value": "{brand.a}"}}}'
        },
    )
    sister = brand(
        '[brand]\nname = "Sister"\nextends = "../group"\n', "sister", {"brand.tokens.json": export(a="#E30611")}
    )
    assert load_book(sister).sections.color.primary == "#E30611"


REFUSED: dict[str, tuple[str, str, list[str]]] = {
    "a token that is not there": ("{token:brand.blu}", export(blue=BLUE), ['primary = "{token:brand.blu}"', "Did you mean brand.blue?"]),
    "a token of another type": (
        "{token:brand.blue}", export(blue={"$type": "dimension", "$value": "8px"}), ["is of type dimension and no colour"]
    ),
    "a colour one sees through": ("{token:brand.blue}", export(blue="#0079C280"), ["can be seen through"]),
    "a wrong value": ("{token:brand.blue}", export(blue=12), ["cannot be used", "brand.blue = 12 must be a colour"]),
    "a circle": (
        "#0079C2", '{"a": {"$type": "color", "$value": "{b}"}, "b": {"$value": "{a}"}}', ["a goes round in a circle: a -> b -> a"]
    ),
    "an unknown role": ("#0079C2", export(blue=role("background", BLUE)), ["there is no such role", "fill, accent, radius"]),
    "a role twice": ("#0079C2", export(a=role("fill", BLUE), b=role("color.primary", BLUE)), ["another token of this file"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_tokens_that_a_brand_uses_wrongly_are_refused_in_one_sentence(kind: str, brand: WriteBrand) -> None:
    primary, exported, said = REFUSED[kind]
    folder = brand(f'{BOOK}[color]\nprimary = "{primary}"\n', files={"brand.tokens.json": exported})
    with pytest.raises(BrandError) as refused:
        load_book(folder)
    assert len(refused.value.problems) == 1
    assert str(folder) in refused.value.problems[0]
    for words in said:
        assert words in refused.value.problems[0]


def test_a_pointer_without_tokens_and_one_where_none_can_stand_are_refused(brand: WriteBrand) -> None:
    with pytest.raises(BrandError, match=r"the brand has no tokens, put them into brand\.tokens\.json"):
        load_book(brand(BOOK + '[color]\nprimary = "{token:a}"'))
    with pytest.raises(BrandError, match="a token cannot stand here"):
        load_book(brand('[brand]\nname = "{token:brand.a}"', files={"brand.tokens.json": export(a=role("fill", BLUE))}))


def test_faults_of_tokens_nobody_uses_are_notes_of_the_report(brand: WriteBrand) -> None:
    """An export of thousands may hold a few that are not ours to judge; they do not stop a company."""
    wrong = {f"w{number}": "inherit" for number in range(8)}
    folder = brand(BOOK, files={"brand.tokens.json": export(a=role("fill", BLUE), **wrong)})
    said = "\n".join(report(build_theme(load_book(folder))).lines())
    assert 'brand.w0 = "inherit" must be a colour' in said
    assert "3 more tokens cannot be used." in said
