"""Edits of Python source: rows added to a tuple, imports, and facts that have a consumer now."""

import ast


def added_to_tuple(source: str, name: str, row: str) -> str:
    """Return the source with the row at the end of the tuple of that name."""
    value = _assigned(source, name)
    lines = source.splitlines(keepends=True)
    last = (value.end_lineno or value.lineno) - 1
    return "".join([*lines[:last], row, *lines[last:]])


def with_import(source: str, module: str, name: str) -> str:
    """Return the source with the import before all others; the formatter sorts it."""
    first = next(node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom))
    lines = source.splitlines(keepends=True)
    lines.insert(first.lineno - 1, f"from {module} import {name}\n")
    return "".join(lines)


def consumed(source: str, fact: str) -> str:
    """Return the source with the fact's row without its reason for having no consumer."""
    for row in ast.walk(_assigned(source, "FACTS")):
        if not isinstance(row, ast.Call):
            continue
        given = {each.arg: each.value for each in row.keywords}
        name = given.get("name")
        if isinstance(name, ast.Constant) and name.value == fact and "no_consumer_because" in given:
            row.keywords = [each for each in row.keywords if each.arg != "no_consumer_because"]
            old = ast.get_source_segment(source, row)
            if old is not None:
                return source.replace(old, ast.unparse(row))
    return source


def _assigned(source: str, name: str) -> ast.expr:
    """Return the value that is assigned to the name; LookupError if there is none."""
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id == name and isinstance(value, ast.expr):
            return value
    raise LookupError(f"no assignment to {name}: restore the file")
