"""What stops the start: every refusal of the registry is one sentence that names the culprit and the cure."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from lkportal.core.errors import StartupError
from lkportal.core.module import Action, Module
from lkportal.core.policy import Permission
from lkportal.core.registry import discovery
from lkportal.core.registry.building import Registry, build
from lkportal.core.registry.resolving import in_order
from lkportal.core.settings import ModuleSettings, read_configuration
from lkportal.core.version import __version__

Plug = Callable[..., Module]
_numbers = itertools.count(1)
HEAD = """
from lkportal.core.contributions import *
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.policy import anyone, on_account, signed_in, staff
from lkportal.web import route
def page(request): ...
"""
VIEW = Permission("meters.view", "See meters", roles=("owner",), staff=("operator",))


@pytest.fixture
def plug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plug]:
    """Write the hooks of a module into a file and return the module: `plug("meters", "<source>", requires=("a",))`."""
    monkeypatch.syspath_prepend(tmp_path)
    written: list[str] = []

    def make(name: str, hooks: str = "", **declared: Any) -> Module:
        path = ""
        if hooks:
            path = f"plug{next(_numbers)}_hooks"
            (tmp_path / f"{path}.py").write_text(HEAD + hooks, encoding="utf-8")
            written.append(path)
        given = {"title": name, "version": "1.0", "package": f"vendor_{name}", "hooks": path, **declared}
        return Module(name, **given)

    yield make
    for name in written:
        sys.modules.pop(name, None)


def built(*modules: Module, enabled: tuple[str, ...] | None = None, off: frozenset[str] = frozenset()) -> Registry:
    """Build a registry that knows `modules` and switches all of them on, or those of `enabled`."""
    names = enabled if enabled is not None else tuple(dict.fromkeys(module.name for module in modules))
    return build(read_configuration(None, {"modules": {"enabled": names}}), modules, off)


def refusal(*modules: Module, enabled: tuple[str, ...] | None = None, off: frozenset[str] = frozenset()) -> str:
    """Return the sentence that stops these modules."""
    with pytest.raises(StartupError) as caught:
        built(*modules, enabled=enabled, off=off)
    return str(caught.value.message)


class TestNames:
    def test_two_modules_of_one_name(self, plug: Plug) -> None:
        other = plug("meters", package="acme_meters")

        assert refusal(plug("meters"), other) == (
            "Two modules are named 'meters': vendor_meters and acme_meters. Uninstall one of them."
        )

    @pytest.mark.parametrize("name", ["Meters", "my-meters", "1meters", "m", "счётчики", "a" * 32])
    def test_a_name_that_cannot_prefix_tables(self, plug: Plug, name: str) -> None:
        assert refusal(plug(name)) == (
            f"A module is named {name!r}: use small latin letters, digits and _, such as 'readings'."
        )

    def test_a_name_nobody_has(self, plug: Plug) -> None:
        assert refusal(plug("meters"), enabled=("metres",)) == (
            "modules.enabled names 'metres', but no such module is installed. Did you mean 'meters'?"
        )

    def test_a_name_far_from_all(self, plug: Plug) -> None:
        assert refusal(plug("meters"), plug("bills"), enabled=("news",)).endswith(" Known: bills, meters.")


class TestRequirements:
    def test_a_circle(self, plug: Plug) -> None:
        one, two = plug("one", requires=("two",)), plug("two", after=("one",))

        assert refusal(one, two) == ("Modules require each other in a circle: one -> two -> one. Drop one of these.")

    def test_what_is_required_is_not_installed(self, plug: Plug) -> None:
        assert refusal(plug("meters", requires=("bills",))) == (
            "The module 'meters' needs 'bills': install it and switch it on, or switch 'meters' off."
        )

    def test_what_is_required_is_off(self, plug: Plug) -> None:
        modules = plug("meters", requires=("bills",)), plug("bills")

        assert refusal(*modules, enabled=("meters",)) == (
            "The module 'meters' needs 'bills': switch it on, or switch 'meters' off."
        )
        assert refusal(*modules, off=frozenset({"bills"})) == (
            "The module 'meters' needs 'bills': switch it on, or switch 'meters' off."
        )

    def test_a_module_for_another_version_of_the_portal(self, plug: Plug) -> None:
        assert refusal(plug("meters", needs_portal=">=99")) == (
            f"The module 'meters' 1.0 is made for lkportal >=99, this is {__version__}."
            " Install a version of the module that fits."
        )

    def test_a_version_that_is_none(self, plug: Plug) -> None:
        assert refusal(plug("meters", needs_portal="one or two")) == (
            "The module 'meters' asks for lkportal 'one or two', which is not a version range: write '>=1.0,<2'."
        )

    def test_a_fitting_version_is_taken(self, plug: Plug) -> None:
        assert built(plug("meters", needs_portal=f">={__version__}")).is_on("meters")

    def test_those_required_come_first_and_after_only_orders(self, plug: Plug) -> None:
        modules = [plug("a", requires=("c",)), plug("b", after=("nobody",)), plug("c", after=("b",))]

        assert [module.name for module in in_order(modules)] == ["b", "c", "a"]

    def test_staff_switch_off_what_the_settings_switch_on(self, plug: Plug) -> None:
        registry = built(plug("meters"), plug("bills"), off=frozenset({"bills", "gone long ago"}))

        assert [module.name for module in registry.modules] == ["meters"]
        assert [module.name for module in registry.installed] == ["meters", "bills"]

    def test_what_is_always_on_needs_no_settings_and_cannot_be_switched_off(self, plug: Plug) -> None:
        assert built(plug("door", always_on=True), enabled=(), off=frozenset({"door"})).is_on("door")


class TestHooks:
    def test_a_misspelt_hook(self, plug: Plug) -> None:
        said = refusal(plug("meters", "@hookimpl\ndef card(): return []\n"))

        assert said.startswith("The module 'meters' has a hook the portal does not know: unknown hook 'card'")
        assert said.endswith("Did you mean 'cards'?")

    def test_a_hook_that_wants_too_much(self, plug: Plug) -> None:
        said = refusal(plug("meters", "@hookimpl\ndef cards(request): return []\n"))

        assert said.startswith("The hook 'cards' of module 'meters' wants arguments that it is not given: request.")
        assert said.endswith("Write it as `def cards():`.")

    def test_a_hook_that_raises(self, plug: Plug) -> None:
        assert refusal(plug("meters", "@hookimpl\ndef cards(): raise ValueError('no meters')\n")) == (
            "The hook cards of module 'meters' failed: ValueError: no meters. Mend it, or take 'meters' out of modules.enabled."
        )

    def test_a_hook_that_forgets_to_return(self, plug: Plug) -> None:
        said = refusal(plug("meters", "@hookimpl\ndef cards(): pass\n"))

        assert said == "The hook cards of module 'meters' returns NoneType: let it return a list of Card."

    def test_a_hook_that_returns_one_instead_of_a_list(self, plug: Plug) -> None:
        said = refusal(plug("meters", "@hookimpl\ndef cards(): return {'name': 'x'}\n"))

        assert said == "The hook cards of module 'meters' returns dict: let it return a list of Card."

    def test_a_hook_that_returns_something_else(self, plug: Plug) -> None:
        said = refusal(plug("meters", "@hookimpl\ndef routes(): return ['/']\n"))

        assert (
            said
            == "The hook routes of module 'meters' returns a list with str in it: let it return a list of RouteSpec."
        )

    def test_an_async_hook(self, plug: Plug) -> None:
        assert refusal(plug("meters", "@hookimpl\nasync def cards(): return []\n")) == (
            "The hook cards of module 'meters' is async: write it as a plain def, hooks only return lists."
        )

    def test_hooks_that_cannot_be_imported(self, plug: Plug) -> None:
        module = plug("meters", "import no_such_library\n")

        assert refusal(module) == (
            f"The module 'meters' cannot be loaded from {module.hooks}: ModuleNotFoundError: No module named"
            " 'no_such_library'. Mend it, or take it out of modules.enabled."
        )

    def test_hooks_of_a_module_that_is_off_are_never_loaded(self, plug: Plug) -> None:
        assert not built(plug("meters", "raise SystemExit\n"), enabled=()).is_on("meters")


CARD = "Card('{name}', 'a.html', {queries}, lambda rows, shown: {{}})"


class TestContributions:
    def routes(self, plug: Plug, spec: str, hook: str = "routes") -> str:
        return refusal(plug("meters", f"@hookimpl\ndef {hook}(): return [{spec}]\n", permissions=(VIEW,)))

    def test_a_route_without_a_policy(self, plug: Plug) -> None:
        assert self.routes(plug, "route('/', page, name='list', policy=None)") == (
            "The route meters:list (/) declares no policy: say who may call it, such as policy=on_account('meters.view')."
        )

    def test_a_permission_nobody_declares(self, plug: Plug) -> None:
        assert self.routes(plug, "route('/{account}/', page, name='list', policy=on_account('meters.veiw'))") == (
            "The route meters:list (/{account}/) asks for the permission 'meters.veiw', which no module declares."
            " Did you mean 'meters.view'?"
        )

    @pytest.mark.parametrize(
        "spec",
        [
            "route('/list', page, name='list', policy=on_account('meters.view'))",
            "route('/{account}/', page, name='list', policy=signed_in())",
        ],
    )
    def test_a_policy_and_a_path_that_disagree(self, plug: Plug, spec: str) -> None:
        assert self.routes(plug, spec).endswith(
            "a policy on an account and {account} in the path go together; one of them is missing."
        )

    def test_two_routes_of_one_name(self, plug: Plug) -> None:
        twice = ", ".join(f"route('/{path}', page, name='list', policy=anyone())" for path in "ab")

        assert self.routes(plug, twice) == (
            "Names clash: the module 'meters' brings twice the route 'meters:list'. Rename or switch off one of them."
        )

    def test_one_name_of_two_modules(self, plug: Plug) -> None:
        card = CARD.format(name="meters.card", queries="{}")
        hooks = f"@hookimpl\ndef cards(): return [{card}]\n"

        assert refusal(plug("meters", hooks), plug("counters", hooks)) == (
            "Names clash: the modules 'meters' and 'counters' both bring the card 'meters.card'."
            " Rename or switch off one of them."
        )

    @pytest.mark.parametrize(
        ("hook", "item", "what"),
        [
            ("jobs", "JobSpec('meters.read', page)", "job 'meters.read'"),
            ("checks", "Check('meters.fine', page)", "check 'meters.fine'"),
            ("commands", "Command('meters', page)", "command 'meters'"),
            ("template_globals", "TemplateGlobal('meters', 1)", "template global 'meters'"),
            ("listeners", "Listener('a.b', 'meters.hear', page)", "listener 'a.b -> meters.hear'"),
            ("sections", "Section('s', 'meters.part', 'a.html', {}, page)", "section 'meters.part'"),
            ("notices", "Notice('meters.told', 'a.b', 'meters', 'n', page)", "notice 'meters.told'"),
            ("payment_gateways", "GatewayBinding('bank', text('a', 'A'), page)", "payment gateway 'bank'"),
        ],
    )
    def test_nothing_is_brought_twice(self, plug: Plug, hook: str, item: str, what: str) -> None:
        assert refusal(plug("meters", f"@hookimpl\ndef {hook}(): return [{item}, {item}]\n")) == (
            f"Names clash: the module 'meters' brings twice the {what}. Rename or switch off one of them."
        )

    def test_a_card_that_asks_too_much(self, plug: Plug) -> None:
        card = CARD.format(name="meters.card", queries="{'a': 1, 'b': 2, 'c': 3}")

        assert refusal(plug("meters", f"@hookimpl\ndef cards(): return [{card}]\n")) == (
            "The card 'meters.card' of module 'meters' declares 3 statements: at most 2 are allowed, join them."
        )

    def test_rights_and_actions_of_others(self, plug: Plug) -> None:
        foreign = plug("meters", permissions=(Permission("payments.pay", "Pay", roles=("reader",)),))
        assert refusal(foreign) == "The permission 'payments.pay' of module 'meters' must start with 'meters.'."

        act: Any = Action("payments.paid", "Paid")  # type: ignore[arg-type]
        assert refusal(plug("meters", actions=(act,))) == (
            "The action 'payments.paid' of module 'meters' must start with 'meters.'."
        )

    def test_tables_name_who_brought_what_and_never_change(self, plug: Plug) -> None:
        card = CARD.format(name="meters.card", queries="{}")
        registry = built(plug("meters", f"@hookimpl\ndef cards(): return [{card}]\n", permissions=(VIEW,)))

        assert registry.owners["cards:meters.card"] == "meters"
        assert list(registry.permissions) == ["meters.view"]
        assert isinstance(registry.permissions, MappingProxyType)
        with pytest.raises(AttributeError):
            registry.cards = ()  # type: ignore[misc]


class MeterSettings(ModuleSettings):
    days: int = 5
    secret: str = ""


class TestSettingsOfModules:
    def configured(self, table: dict[str, Any], module: Module) -> Registry:
        return build(read_configuration(None, {"modules": {"enabled": ["meters"]}, "meters": table}), [module])

    def test_are_typed_and_overridden_by_the_environment(self, plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LKPORTAL_METERS__DAYS", "9")
        registry = self.configured({"days": 3, "secret": "s"}, plug("meters", settings=MeterSettings))

        assert registry.settings["meters"] == MeterSettings(days=9, secret="s")

    def test_refuse_what_they_do_not_know(self, plug: Plug) -> None:
        with pytest.raises(StartupError, match=r"there is no setting 'meters\.dayz'\. Did you mean 'days'\?"):
            self.configured({"dayz": 3}, plug("meters", settings=MeterSettings))

    def test_a_table_nobody_owns(self) -> None:
        with pytest.raises(StartupError, match=r"there is no module or setting 'meters'"):
            build(read_configuration(None, {"meters": {"days": 1}}), [])

    def test_of_a_module_that_is_off_are_let_be(self, plug: Plug) -> None:
        configuration = read_configuration(None, {"meters": {"days": 1}})
        assert not build(configuration, [plug("meters", settings=MeterSettings)]).settings


class TestDiscovery:
    @pytest.fixture
    def install(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
        """Write a distribution's entry point and its package, as pip would."""
        monkeypatch.syspath_prepend(tmp_path)

        def write(value: str, source: str) -> None:
            name = f"plug{next(_numbers)}"
            folder = tmp_path / f"{name}-1.0.dist-info"
            folder.mkdir()
            (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            (folder / "entry_points.txt").write_text(f"[lkportal.modules]\nzz_strange = {value.format(name)}\n")
            (tmp_path / f"{name}.py").write_text(source)

        return write

    def test_an_installed_module_that_cannot_be_loaded(self, install: Callable[[str, str], None]) -> None:
        install("{}:module", "import no_such_library")
        with pytest.raises(StartupError) as caught:
            discovery.installed_modules()
        said = str(caught.value.message)
        assert said.startswith("The installed module 'zz_strange' (plug")
        assert said.endswith(
            ":module) cannot be loaded: ModuleNotFoundError: No module named 'no_such_library'. Mend or uninstall it."
        )

    def test_an_entry_point_that_names_something_else(self, install: Callable[[str, str], None]) -> None:
        install("{}:module", "module = 'meters'")
        with pytest.raises(StartupError, match=r"is not a Module: let it name the Module object\."):
            discovery.installed_modules()

    def test_a_module_given_by_code_and_installed_counts_once(self, install: Callable[[str, str], None]) -> None:
        install("{}:module", "from lkportal.core.module import Module\nmodule = Module('meters', 'M', '1', 'vendor')\n")
        given = Module("meters", "M", "1", "vendor")
        assert [each.name for each in discovery.installed_modules([given])].count("meters") == 1
