"""What makes our templates cheaper than plain Jinja: words without params become constants when a template is compiled, macros are
functions of Python and are called as such, a value is escaped in one step, and templates share their globals. Which file a template is,
and what it may call, stands in loaders."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, MutableMapping, Sequence
from keyword import iskeyword
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from jinja2 import Environment, Template, nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.runtime import Context, Macro, markup_join, str_join
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

_MUST_BE_ESCAPED = re.compile("[&<>\"']").search
_PLAIN = frozenset({FunctionType, MethodType, BuiltinFunctionType, functools.partial, type(functools.cache(len))})


class _Context(Context):
    """Calls without the search for ways to pass the context, which Jinja repeats at every call. The names of globals are noted only
    where a template has globals of its own."""

    def __init__(
        self,
        environment: Environment,
        parent: dict[str, Any],
        name: str | None,
        blocks: dict[str, Any],
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's own word
    ) -> None:
        super().__init__(environment, parent, name, blocks, None if globals is environment.globals else globals)

    def call(__self, __obj: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - kwargs may be named self
        kind = type(__obj)
        if kind is Macro:
            args = (__self.eval_ctx, *args)
        elif kind not in _PLAIN or hasattr(__obj, "jinja_pass_arg"):
            return super().call(__obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return __obj(*args, **kwargs)


class _Template(Template):
    """A template that is imported without asking which globals are whose: there are none but the environment's."""

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        return super()._get_default_module(ctx if ctx is None or ctx.globals_keys else None)


class _Generator(CodeGenerator):
    """Puts `environment.shown(value)` where Jinja would call `finalize`, `escape` and make a Markup of what is joined at once, and a
    function in the place of a macro object, which would sort out its arguments anew at every call."""

    _macros: frozenset[str] = frozenset()

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's own name
        """Write a template, knowing which of its names are macros or templates full of them."""
        self._macros = _macros_of(node)
        super().visit_Template(node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 - as above
        """Call a macro straight; whatever else might ask for the context, as Jinja does."""
        called = node.node.node if isinstance(node.node, nodes.Getattr) else node.node
        known = isinstance(called, nodes.Name) and called.name in self._macros
        if not known or node.dyn_args or node.dyn_kwargs or any(iskeyword(each.key) for each in node.kwargs):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for given in (*node.args, *node.kwargs):
            self.visit(given, frame)
            self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        """Write a macro as a function of its own parameters. Python sorts out the arguments and refuses what does not fit."""
        names = [each.name for each in macro_ref.node.args]
        is_odd = macro_ref.accesses_kwargs or macro_ref.accesses_varargs or any(map(_is_taken, names))
        if is_odd or frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super().macro_def(macro_ref, frame)
            return
        taken = "".join(f"{name}=missing, " for name in names)
        given = "".join(f"{name}, " for name in names)
        if macro_ref.accesses_caller:
            taken += "caller=None, "
            given += "environment.nobody() if caller is None else caller"
        name = getattr(macro_ref.node, "name", "what a call block holds")
        self.write(f"environment.named({name!r}, lambda {taken}_run=macro: Markup(_run({given})))")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write(")")
        else:
            super()._output_child_post(node, frame, finalize)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja's own name
        """Join by `~` what a page would show: a text that waits for its language is said first."""
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


def _macros_of(template: nodes.Template) -> frozenset[str]:
    """Return the names that are nothing but macros of a template, templates it imports, macros it takes from them, or its caller."""
    named = [each.name for each in template.find_all(nodes.Macro)]
    named += [each.target for each in template.find_all(nodes.Import)]
    named += [
        each if isinstance(each, str) else each[1]
        for found in template.find_all(nodes.FromImport)
        for each in found.names
    ]
    stored = {each.name for each in template.find_all(nodes.Name) if each.ctx != "load"}
    return frozenset({"caller", *named} - stored)


def _is_taken(name: str) -> bool:
    """Whether a parameter of this name cannot be one of the function that is written for a macro."""
    return iskeyword(name) or name in ("caller", "environment", "macro", "missing", "Markup") or name.startswith("_")


def said_first(use: Callable[..., Any], say: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a filter that gets texts, alone or in lists, as `say` tells them in the reader's language, not in English."""

    def spoken(value: Any) -> Any:
        return [say(each) for each in value] if isinstance(value, (list, tuple)) else say(value)

    @functools.wraps(use)
    def filtered(*args: Any, **kwargs: Any) -> Any:
        return use(*(spoken(each) for each in args), **{name: spoken(each) for name, each in kwargs.items()})

    return filtered


class PortalEnvironment(Environment):
    """The environment of one brand chain and one language. `words` maps (key, English) to what a page shows."""

    context_class = _Context
    template_class = _Template
    code_generator_class = _Generator
    words: Callable[[str, str], str] | None = None

    def shown(self, value: Any) -> str:
        """Return a value as it is put into a page: escaped, unless it is markup."""
        kind = type(value)
        if kind is str:
            return escape(value) if _MUST_BE_ESCAPED(value) else value
        if kind is Markup:
            return value  # type: ignore[no-any-return]
        if kind is int:
            return str(value)
        return escape(self.finalize(value) if self.finalize else value)

    def named(self, name: str, macro: Callable[..., Markup]) -> Callable[..., Markup]:
        """Return the function of a macro under the name by which errors speak of it."""
        macro.__qualname__ = f"the macro {name}"
        return macro

    def nobody(self) -> Any:
        """Return what stands for the caller of a macro that was not called by a block."""
        return self.undefined("No caller defined", name="caller")

    def joined(self, values: Sequence[Any]) -> str:
        """Return values joined as `~` does: escaped where one of them is markup."""
        shown = [self.finalize(value) if self.finalize else value for value in values]
        return markup_join(shown) if self.autoescape else str_join(shown)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Give templates the environment's own dictionary: they have no globals of their own.

        Jinja puts a ChainMap in between, and every `import` in a template walks it: a third of a page's time.
        """
        return super().make_globals(d) if d else self.globals

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """Return a template; one that was loaded comes by its name alone, a dozen times a page."""
        if self.auto_reload or globals or self.cache is None or isinstance(name, Template):
            return super().get_template(name, parent, globals)
        known: MutableMapping[Any, Template] = self.cache
        found = known.get(name)
        if found is None:
            found = known[name] = super().get_template(name, parent)
        return found

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return `obj.attribute` of a template; the key of a plain dictionary without the search for an attribute."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if self.words is not None:
            _Words(self.words).visit(tree)
        return tree


class _Words(NodeTransformer):
    """Puts the wording in place of `pgettext("key", "English")`: an environment has one language, and so has its bytecode."""

    def __init__(self, words: Callable[[str, str], str]) -> None:
        self._words = words

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's own word
        """Replace a call that has nothing but its two literals."""
        self.generic_visit(node)
        called = isinstance(node.node, nodes.Name) and node.node.name == "pgettext"
        if not called or node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) != 2:
            return node
        key, english = node.args
        if isinstance(key, nodes.Const) and isinstance(english, nodes.Const):
            return nodes.Const(self._words(key.value, english.value), lineno=node.lineno)
        return node
