"""A package whose names are imported when somebody asks for them (PEP 562).

Powertools' packages import everything they export: `data_classes` alone has a class for each of forty event
sources. A function that imports one module of such a package would run all of it at each cold start.
"""

import ast
from pathlib import Path

_TEMPLATE = '''"""{documentation}"""

from importlib import import_module
{at_once}
_MODULES = {modules}


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    module, original = _MODULES[name]
    return getattr(import_module(module, __name__), original)


__all__ = {names}
'''


class NotOnlyImportsError(ValueError):
    """The package does more than to import names and list them."""


def make_lazy(package: Path) -> None:
    """Rewrite an installed package's `__init__.py`; NotOnlyImportsError if it does more than import names."""
    source = package / "__init__.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    imports = [statement for statement in tree.body if isinstance(statement, ast.ImportFrom)]
    for statement in tree.body:
        if not (isinstance(statement, ast.ImportFrom) or _is_inert(statement)):
            raise NotOnlyImportsError(f"{source}, line {statement.lineno}: cannot be imported lazily")
    names = {
        each.asname or each.name: ("." * statement.level + (statement.module or ""), each.name)
        for statement in imports
        for each in statement.names
    }
    # The import system would put the module of that name in the place of what the package exports.
    at_once = {name for name in names if (package / name).is_dir() or (package / f"{name}.py").exists()}
    source.write_text(
        _TEMPLATE.format(
            documentation=ast.get_docstring(tree) or package.name,
            at_once="\n".join(f"from {names[name][0]} import {name}" for name in sorted(at_once)),
            modules={name: module for name, module in names.items() if name not in at_once},
            names=sorted(names),
        ),
        encoding="utf-8",
    )


def _is_inert(statement: ast.stmt) -> bool:
    """Return whether the statement is the docstring or `__all__`."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Assign) and [ast.unparse(each) for each in statement.targets] == [
        "__all__"
    ]
