"""Makes the mutants of a file: the same code with one thing wrong, such as a condition left out of a WHERE.
Statements of a module count as well as bodies of functions: rules stand in prepared statements. Who runs them: mutation."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_RECKONED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_WORDS = frozenset({"bindparam", "pgettext", "text"})
_UNTOUCHED = frozenset({"annotation", "returns", "decorator_list", "type_params", "bases"})
_WITH_BODY = (ast.FunctionDef, ast.ClassDef, ast.If, ast.For, ast.While, ast.With, ast.Try)
_OF_MANY = frozenset({"and_", "coalesce", "or_", "order_by", "returning", "select", "where"})
_SPARED = (ast.Import, ast.ImportFrom, ast.JoinedStr)

_Node = ast.stmt | ast.expr | ast.keyword


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing wrong: in which function ("" outside any), on which lines, what it was and what it is now, the whole source."""

    function: str
    lines: range
    was: str
    now: str
    source: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands: the field of its parent, and the place in it when that is a list."""

    parent: ast.AST
    field: str
    index: int | None
    function: str
    statement: ast.stmt

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants_of(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a source, in the order of its lines."""
    tree = ast.parse(source)
    for node, place in _walk(tree, "", None):
        first = node if isinstance(place.statement, _WITH_BODY) else place.statement
        first = first.test if isinstance(first, ast.If) else first
        lines = range(first.lineno, (first.end_lineno or first.lineno) + 1)
        for new in _variants(node):
            place.put(new)
            yield Mutant(place.function, lines, _told(node), _told(new), ast.unparse(tree))
            place.put(node)
        if place.index is not None:
            yield from _left_out(tree, node, place, lines)


def _left_out(tree: ast.AST, node: ast.AST, place: _Place, lines: range) -> Iterator[Mutant]:
    """Yield the mutant whose list is shorter by this one: an argument, a condition, an element, an operand."""
    siblings, parent = getattr(place.parent, place.field), place.parent
    if isinstance(parent, ast.Call):
        may_go = isinstance(node, ast.keyword | ast.Starred) or _called(parent) in _OF_MANY
    else:
        may_go = isinstance(parent, ast.BoolOp | ast.Set) or isinstance(getattr(parent, "ctx", None), ast.Load)
    if not may_go or (len(siblings) == 1 and not isinstance(parent, ast.Call)):
        return
    kept = list(siblings)
    del siblings[place.index or 0]
    yield Mutant(place.function, lines, _told(node), "(left out)", ast.unparse(tree))
    siblings[:] = kept


def _walk(node: ast.AST, function: str, statement: ast.stmt | None) -> Iterator[tuple[_Node, _Place]]:
    """Yield what may go wrong below a node, with its place: no imports, types, decorators, docstrings or wording."""
    for field, value in ast.iter_fields(node):
        if field in _UNTOUCHED or (field == "keys" and isinstance(node, ast.Dict)):
            continue
        nodes = value if isinstance(value, list) else [value]
        for index, child in zip(count(), nodes, strict=False):
            if not isinstance(child, ast.AST) or _is_spared(child) or _is_compared_word(node, child):
                continue
            inside = child if isinstance(child, ast.stmt) else statement
            if inside is None:
                continue
            name = child.name if isinstance(child, ast.FunctionDef) else function
            if isinstance(child, ast.stmt | ast.expr | ast.keyword):
                yield child, _Place(node, field, index if isinstance(value, list) else None, name, inside)
            yield from _walk(child, name, inside)


def _is_compared_word(parent: ast.AST, node: ast.AST) -> bool:
    """Whether a constant is compared: another one is like another operator."""
    return isinstance(parent, ast.Compare) and isinstance(node, ast.Constant) and isinstance(node.value, str)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _is_spared(node: ast.AST) -> bool:
    if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return True
    if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name):
        return target.id == "__all__" or (isinstance(node.value, ast.Subscript) and _told(node.value)[:7] == "Literal")
    if isinstance(node, ast.Call):
        return _called(node) in _WORDS
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return (
        is_docstring or isinstance(node, _SPARED) or (isinstance(node, ast.If) and _told(node.test) == "TYPE_CHECKING")
    )


def _variants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of a node by mistake."""
    match node:
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                for other in _COMPARED[type(operator)]:
                    yield ast.Compare(node.left, [*node.ops[:index], other(), *node.ops[index + 1 :]], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.BinOp() if type(node.op) in _RECKONED:
            yield ast.BinOp(node.left, _RECKONED[type(node.op)](), node.right)
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub()):
            yield node.operand
        case ast.Constant():
            yield from _other_value(node.value)
        case ast.Call(func=ast.Attribute(value=ast.Call() as before)):
            yield before
        case ast.Call(func=ast.Attribute(value=before, attr="desc" | "strip" | "lower" | "zfill")):
            yield before
        case _:
            yield from _other_course(node)


def _other_course(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may happen instead: the other branch, another result, nothing."""
    match node:
        case ast.If() | ast.IfExp() | ast.While() if not isinstance(node.test, ast.Compare | ast.UnaryOp):
            new = copy.copy(node)
            new.test = ast.UnaryOp(ast.Not(), node.test)
            yield new
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.AugAssign():
            yield ast.Pass()


def _other_value(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str):
        yield ast.Constant("" if value else "mutant")


def _told(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())
