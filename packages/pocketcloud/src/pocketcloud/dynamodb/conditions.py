"""Condition and filter expressions, parsed once per text.

moto parses an expression for each request, up to three times. The syntax tree depends only on the
text, the names and which values there are, so it is kept; the values are filled in for each request.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from moto.dynamodb.comparisons import AttributeValue, ConditionExpressionParser

from pocketcloud.dynamodb.attribute_values import NotPlannedError

_MAX_EXPRESSIONS = 4_000
_Names = Mapping[str, str]
_Values = Mapping[str, Any]

# moto's nodes and operators have loose types.
_Node = Any
_Condition = Any
_original: Callable[[ConditionExpressionParser], _Condition] = ConditionExpressionParser.parse


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A syntax tree, and the names and values in it, in order."""

    tree: _Node
    names: tuple[str, ...]
    values: tuple[str, ...]


class _Reader(ConditionExpressionParser):
    """moto's parser; it also keeps the tree."""

    def __init__(self, text: str, names: _Names | None, values: frozenset[str] | None) -> None:
        # Parsing reads no values.
        super().__init__(
            text,
            None if names is None else dict(names),
            None if values is None else {name: {"S": ""} for name in values},
        )
        self.tree: _Node = None

    def _make_op_condition(self, node: _Node) -> _Condition:
        self.tree = self.tree or node


class _Filler(ConditionExpressionParser):
    """Builds the operators of a tree with the values of one request."""

    def _make_operand(self, node: _Node) -> Any:
        if node.kind == self.Kind.EXPRESSION_ATTRIBUTE_VALUE:
            return AttributeValue(self._lookup_expression_attribute_value(node.text))
        return super()._make_operand(node)

    def fill(self, tree: _Node) -> _Condition:
        return self._make_op_condition(tree)


@lru_cache(_MAX_EXPRESSIONS)
def _parsed(text: str, names: tuple[tuple[str, str], ...] | None, values: frozenset[str] | None) -> _Parsed:
    reader = _Reader(text, None if names is None else dict(names), values)
    _original(reader)
    return _Parsed(reader.tree, tuple(reader.expr_attr_names_found), tuple(reader.expr_attr_values_found))


def parse(parser: ConditionExpressionParser) -> _Condition:
    """Do what moto's `ConditionExpressionParser.parse` does."""
    text, names, values = (
        parser.condition_expression,
        parser.expression_attribute_names,
        parser.expression_attribute_values,
    )
    if not text:
        return _original(parser)
    parsed = _parsed(
        text,
        None if names is None else tuple(names.items()),
        None if values is None else frozenset(values),
    )
    parser.expr_attr_names_found.extend(parsed.names)
    parser.expr_attr_values_found.extend(parsed.values)
    return _Filler(text, names, values).fill(parsed.tree)


def used_in(text: str | None, names: _Names, values: _Values) -> tuple[_Condition, set[str]]:
    """Return an expression's condition, and the placeholders of names and values in it."""
    parser = ConditionExpressionParser(text, dict(names), dict(values))
    try:
        condition = parse(parser)
    except (ValueError, KeyError, TypeError) as error:
        raise NotPlannedError from error
    return condition, {*parser.expr_attr_names_found, *parser.expr_attr_values_found}
