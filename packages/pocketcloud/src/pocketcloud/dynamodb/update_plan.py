"""A fast path for update expressions on top-level attributes.

moto copies an expression's syntax tree and walks it ten times for each update. A plan is compiled once
per expression and computes the new values directly. It leaves the rest to moto: nested paths, sets,
lists and every expression that moto rejects. `tests/services/test_caching.py` compares both.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing import ast_nodes, expressions
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from pocketcloud.dynamodb.attribute_values import NotPlannedError

_Values = Mapping[str, Any]
_Names = Mapping[str, str]
_Evaluate = Callable[[Item, _Names, _Values], DynamoType]
_Action = tuple[str, _Evaluate | None]
"""A path and how to compute its value; None removes it."""
_MAX_EXPRESSIONS = 1_000
_NOTHING = DynamoType({"NULL": True})
"""Stands for a path that does not exist."""

# moto excludes its syntax tree from type checking.
_nodes: Any = ast_nodes


class UpdatePlan:
    """The new values of one item's attributes; None removes one.

    It stands for moto's validator, syntax tree and executor, whose methods moto calls in this order.
    """

    def __init__(self, item: Item, changes: Mapping[str, DynamoType | None]) -> None:
        self._item, self._changes = item, changes

    def validate(self) -> "UpdatePlan":
        """Return the plan: it was valid when it was made."""
        return self

    def normalize(self) -> None:
        """Do nothing; moto sorts the actions of its syntax tree here."""

    def execute(self) -> None:
        """Change the item."""
        for name, value in self._changes.items():
            if value is None:
                self._item.attrs.pop(name, None)
            else:
                self._item.attrs[name] = value


def plan_update(expression: object, names: _Names, values: _Values, item: Item, table: Table) -> UpdatePlan:
    """Compute an update; raise NotPlannedError if moto has to do it."""
    return UpdatePlan(item, _changes(_compiled(expression), names, values, item, table))


def changes_by(
    expression: str, names: _Names, values: _Values, item: Item, table: Table
) -> Mapping[str, DynamoType | None]:
    """Compute the new values of an update; raise NotPlannedError if moto has to do it."""
    return _changes(_compiled(_tree(expression)), names, values, item, table)


@lru_cache(_MAX_EXPRESSIONS)
def placeholders_in(expression: str) -> frozenset[str]:
    """Return the placeholders of names and values in an update expression."""
    tree = _tree(expression)
    names = tree.find_clauses([_nodes.ExpressionAttributeName])
    values = tree.find_clauses([_nodes.ExpressionAttributeValue])
    return frozenset(
        (
            *(name.get_attribute_name_placeholder() for name in names),
            *(value.get_value_name() for value in values),
        )
    )


@lru_cache(_MAX_EXPRESSIONS)
def _tree(expression: str) -> Any:
    return vars(expressions)["UpdateExpressionParser"].make(expression)


def _changes(
    actions: tuple[_Action, ...] | None, names: _Names, values: _Values, item: Item, table: Table
) -> dict[str, DynamoType | None]:
    if actions is None:
        raise NotPlannedError
    changes: dict[str, DynamoType | None] = {}
    definitions = {each["AttributeName"]: each["AttributeType"] for each in table.attr}
    for path, evaluate in actions:
        name = _resolved(path, names)
        value = evaluate(item, names, values) if evaluate else None
        if value is _NOTHING or name in changes or name in table.table_key_attrs:
            raise NotPlannedError(name)
        if value is not None and name in definitions and (value.type != definitions[name] or not value.value):
            raise NotPlannedError(name)
        changes[name] = value
    return changes


@lru_cache(_MAX_EXPRESSIONS)
def _compiled(expression: Any) -> tuple[_Action, ...] | None:
    """Compile an expression; return None if moto has to do it."""
    clauses = (
        _nodes.UpdateExpressionSetClause,
        _nodes.UpdateExpressionAddClause,
        _nodes.UpdateExpressionRemoveClause,
    )
    actions = [
        _nodes.UpdateExpressionSetAction,
        _nodes.UpdateExpressionAddAction,
        _nodes.UpdateExpressionRemoveAction,
        _nodes.UpdateExpressionDeleteAction,
    ]
    if any(len(expression.find_clauses([clause])) > 1 for clause in clauses):
        return None
    try:
        return tuple(_action(node) for node in expression.find_clauses(actions))
    except NotPlannedError:
        return None


def _action(node: Any) -> _Action:
    path = _path(node.children[0])
    match node:
        case _nodes.UpdateExpressionSetAction():
            return path, _value(node.children[1])
        case _nodes.UpdateExpressionRemoveAction():
            return path, None
        case _nodes.UpdateExpressionAddAction():
            return path, _addition(path, _value(node.children[1]))
    raise NotPlannedError


def _path(node: Any) -> str:
    """Return a top-level attribute's name, or its placeholder."""
    if len(node.children) != 1:
        raise NotPlannedError
    (child,) = node.children
    name: str = child.children[0]
    if isinstance(child, _nodes.ExpressionAttributeName):
        return name
    if not isinstance(child, _nodes.ExpressionAttribute):
        raise NotPlannedError
    if name.upper() in ReservedKeywords.get_reserved_keywords():
        raise NotPlannedError
    return name


def _value(node: Any) -> _Evaluate:
    match node:
        case _nodes.UpdateExpressionValue():
            left = _value(node.children[0])
            if len(node.children) == 1:
                return left
            return _sum(left, node.children[1].get_operator(), _value(node.children[2]))
        case _nodes.ExpressionAttributeValue():
            return _parameter(node.get_value_name())
        case _nodes.UpdateExpressionPath():
            return _attribute(_path(node))
        case _nodes.UpdateExpressionFunction() if node.get_function_name() == "if_not_exists":
            return _default(_value(node.get_nth_argument(1)), _value(node.get_nth_argument(2)))
    raise NotPlannedError


def _resolved(path: str, names: _Names) -> str:
    if not path.startswith("#"):
        return path
    if path not in names:
        raise NotPlannedError(path)
    # The name may be a member of an enumeration; keep its text.
    return str.__str__(names[path])


def _parameter(name: str) -> _Evaluate:
    def evaluate(_item: Item, _names: _Names, values: _Values) -> DynamoType:
        if name not in values:
            raise NotPlannedError(name)
        return DynamoType(values[name])

    return evaluate


def _attribute(path: str) -> _Evaluate:
    def evaluate(item: Item, names: _Names, _values: _Values) -> DynamoType:
        value: DynamoType = item.attrs.get(_resolved(path, names), _NOTHING)
        return value if isinstance(value.value, str) or value is _NOTHING else deepcopy(value)

    return evaluate


def _default(first: _Evaluate, second: _Evaluate) -> _Evaluate:
    def evaluate(item: Item, names: _Names, values: _Values) -> DynamoType:
        value, default = first(item, names, values), second(item, names, values)
        return default if value is _NOTHING else value

    return evaluate


def _sum(left: _Evaluate, operator: str, right: _Evaluate) -> _Evaluate:
    def evaluate(item: Item, names: _Names, values: _Values) -> DynamoType:
        one, other = left(item, names, values), right(item, names, values)
        if not (one.is_number() and other.is_number()):
            raise NotPlannedError(operator)
        return _total(one, operator, other)

    return evaluate


def _addition(path: str, added: _Evaluate) -> _Evaluate:
    def evaluate(item: Item, names: _Names, values: _Values) -> DynamoType:
        value = added(item, names, values)
        if value.is_set():
            return _union(item.attrs.get(_resolved(path, names)), value)
        existing: DynamoType = item.attrs.get(_resolved(path, names), DynamoType({"N": "0"}))
        if not (value.is_number() and existing.is_number()):
            raise NotPlannedError(path)
        return _total(existing, "+", value)

    return evaluate


def _total(one: DynamoType, operator: str, other: DynamoType) -> DynamoType:
    """Return the sum or the difference; leave a result that is no valid number to moto."""
    try:
        return one + other if operator == "+" else one - other
    except MockValidationException as error:
        raise NotPlannedError(error.exception_msg) from error


def _union(existing: DynamoType | None, added: DynamoType) -> DynamoType:
    """Return a set with the new elements at its end; leave an empty or another kind of set to moto."""
    if not added.value or (existing is not None and existing.type != added.type):
        raise NotPlannedError
    elements = dict.fromkeys((*(existing.value if existing is not None else ()), *added.value))
    return DynamoType({added.type: list(elements)})
