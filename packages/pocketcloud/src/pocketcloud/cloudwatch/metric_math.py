"""Expressions of metric math: arithmetic and comparisons of metrics, one period at a time.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, float | None]
"""The value of each metric in the period by its id; None if it has no data."""

_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Div: operator.truediv,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.Sub: operator.sub,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Eq: operator.eq,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.NotEq: operator.ne,
}
_OF_ONE: Mapping[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
}
_OF_MANY: Mapping[str, Callable[[Sequence[float]], float]] = {
    "AVG": lambda values: sum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}
_WRITTEN = (("&&", " and "), ("||", " or "), ("^", "**"))
_WORDS = re.compile(r"\b(AND|OR)\b")
FUNCTIONS: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys((*_OF_ONE, *_OF_MANY), (1,)),
    "FILL": (2,),
    "IF": (2, 3),
    "METRICS": (0,),
}
"""The supported functions, with the numbers of arguments that each takes."""


class UnsupportedExpressionError(ValueError):
    """The expression uses something that is not supported."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression."""

    text: str
    tree: ast.expr

    @classmethod
    def of(cls, text: str) -> "Expression":
        """Parse an expression; raise UnsupportedExpressionError if it is invalid or not supported."""
        python = _WORDS.sub(lambda word: word[0].lower(), text)
        for written, meant in _WRITTEN:
            python = python.replace(written, meant)
        try:
            tree = ast.parse(python.strip(), mode="eval").body
        except SyntaxError as error:
            raise UnsupportedExpressionError(f"invalid expression: {text}") from error
        _check(tree, text)
        return cls(text, tree)

    @property
    def names(self) -> frozenset[str]:
        """The ids in the expression."""
        called = {node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        nodes = ast.walk(self.tree)
        return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and node not in called)

    def value(self, values: Values) -> float | None:
        """Return the value of one period; None if a metric that it needs has no data."""
        try:
            return _value(self.tree, values)
        except (OverflowError, ZeroDivisionError):
            return None


def _check(tree: ast.expr, text: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if name not in FUNCTIONS or node.keywords:
                raise UnsupportedExpressionError(f"{name or 'the call'} is not supported in {text}")
            if len(node.args) not in FUNCTIONS[name]:
                raise UnsupportedExpressionError(f"{name} has {len(node.args)} arguments in {text}")
        elif isinstance(node, ast.Compare) and len(node.ops) > 1:
            raise UnsupportedExpressionError(f"a chain of comparisons is not supported in {text}")
        elif isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
            raise UnsupportedExpressionError(f"{node.value!r} is not supported in {text}")
        elif not isinstance(node, (*_EVALUATORS, *_OPERATORS)):
            raise UnsupportedExpressionError(f"not supported: {text}")


def _value(node: ast.expr, values: Values) -> float | None:
    return _EVALUATORS[type(node)](node, values)


def _constant(node: Any, _: Values) -> float | None:
    return float(node.value)


def _named(node: Any, values: Values) -> float | None:
    return values.get(node.id)


def _negative(node: Any, values: Values) -> float | None:
    found = _value(node.operand, values)
    return None if found is None else -found


def _computed(node: Any, values: Values) -> float | None:
    return _both(_BINARY[type(node.op)], (node.left, node.right), values)


def _compared(node: Any, values: Values) -> float | None:
    return _both(_COMPARISONS[type(node.ops[0])], (node.left, node.comparators[0]), values)


def _combined(node: Any, values: Values) -> float | None:
    found = [_value(part, values) for part in node.values]
    if None in found:
        return None
    combine = all if isinstance(node.op, ast.And) else any
    return float(combine(found))


def _both(
    function: Callable[[float, float], float], operands: tuple[ast.expr, ast.expr], values: Values
) -> float | None:
    one, other = (_value(each, values) for each in operands)
    return None if one is None or other is None else float(function(one, other))


def _called(node: Any, values: Values) -> float | None:
    name, arguments = node.func.id, node.args
    if name == "IF":
        return _chosen(arguments, values)
    found = _value(arguments[0], values) if name in {*_OF_ONE, "FILL"} else None
    if name == "FILL":
        return _value(arguments[1], values) if found is None else found
    if name in _OF_ONE:
        return None if found is None else float(_OF_ONE[name](found))
    known = [each for each in _listed(arguments[0], values) if each is not None]
    return float(_OF_MANY[name](known)) if known else None


def _chosen(arguments: Sequence[ast.expr], values: Values) -> float | None:
    """Return the branch of an IF; the second one may be missing."""
    condition = _value(arguments[0], values)
    branches = arguments[1:2] if condition else arguments[2:3]
    return _value(branches[0], values) if condition is not None and branches else None


def _listed(argument: Any, values: Values) -> list[float | None]:
    """Return the values of a list, of all metrics, or of one."""
    if isinstance(argument, ast.List):
        return [_value(each, values) for each in argument.elts]
    if isinstance(argument, ast.Call) and getattr(argument.func, "id", "") == "METRICS":
        return list(values.values())
    return [_value(argument, values)]


def _no_value(_: Any, __: Values) -> float | None:
    raise UnsupportedExpressionError("a list has no value of its own")


_EVALUATORS: Mapping[type[ast.AST], Callable[[Any, Values], float | None]] = {
    ast.BinOp: _computed,
    ast.BoolOp: _combined,
    ast.Call: _called,
    ast.Compare: _compared,
    ast.Constant: _constant,
    ast.List: _no_value,
    ast.Name: _named,
    ast.UnaryOp: _negative,
}
_OPERATORS = (*_BINARY, *_COMPARISONS, ast.And, ast.Load, ast.Or, ast.USub)
