"""Imports of a module that only some of its functions need, moved into them.

What a function of ours never calls would be imported at each cold start: botocore's writers of documentation
with an HTML parser, and the reader of package metadata for urllib3's HTTP/2.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

DEFERRED: Mapping[str, tuple[str, ...]] = {
    "botocore/docs/__init__.py": ("botocore.docs.service",),
    "botocore/docs/docstring.py": (
        "botocore.docs.bcdoc.restdoc",
        "botocore.docs.method",
        "botocore.docs.paginator",
        "botocore.docs.waiter",
    ),
    "urllib3/http2/__init__.py": ("importlib.metadata",),
}
"""Each file of the layer, and the modules that it imports at first use."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class NotDeferrableError(ValueError):
    """The file does not import the module at its top, or needs it there."""


def defer_imports(file: Path, modules: Collection[str]) -> None:
    """Move the `from module import …` of these modules into the functions that use their names."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imports = [each for each in tree.body if isinstance(each, ast.ImportFrom) and each.module in modules]
    if missing := set(modules) - {each.module for each in imports}:
        raise NotDeferrableError(f"{file} does not import {', '.join(sorted(missing))} at its top")
    tree.body = [each for each in tree.body if each not in imports]
    functions = [each for each in ast.walk(tree) if isinstance(each, Function)]
    at_top = set(_names_outside_functions(tree))
    for statement in imports:
        names = {alias.asname or alias.name for alias in statement.names}
        if needed := names & at_top:
            raise NotDeferrableError(f"{file} needs {', '.join(sorted(needed))} when it is imported")
        for function in _users(functions, names):
            function.body.insert(_place(function), statement)
    file.write_text(ast.unparse(ast.fix_missing_locations(tree)) + "\n", encoding="utf-8")


def _users(functions: Collection[Function], names: Collection[str]) -> Iterator[Function]:
    return (each for each in functions if any(_names(part) & set(names) for part in each.body))


def _place(function: Function) -> int:
    """Return the place of the first statement behind the docstring."""
    return 1 if ast.get_docstring(function, clean=False) is not None else 0


def _names_outside_functions(node: ast.AST) -> Iterator[str]:
    """Yield the names that are evaluated when the module is imported."""
    if isinstance(node, ast.Name):
        yield node.id
    bodies = node.body if isinstance(node, Function) else []
    for child in ast.iter_child_nodes(node):
        if child not in bodies:
            yield from _names_outside_functions(child)


def _names(tree: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
