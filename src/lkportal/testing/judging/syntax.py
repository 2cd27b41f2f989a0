"""Reading Python as syntax: string literals, what is called, with which arguments."""

from __future__ import annotations

import ast


def constant(node: ast.expr | None) -> str | None:
    """Return the text of a string literal, or None when the expression is anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def called(node: ast.Call) -> str:
    """Return the last name of what is called: `text(...)` and `i18n.text(...)` are both "text"."""
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def keyword(node: ast.Call, name: str) -> ast.expr | None:
    """Return the argument given by name, or None."""
    return next((item.value for item in node.keywords if item.arg == name), None)


def argument(node: ast.Call, position: int, name: str) -> ast.expr | None:
    """Return the argument given by position or by name, or None."""
    return node.args[position] if len(node.args) > position else keyword(node, name)
