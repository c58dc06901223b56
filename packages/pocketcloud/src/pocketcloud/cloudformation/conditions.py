"""Evaluate a template's conditions before creation; they can refer to parameters, not to resources."""

from collections.abc import Mapping
from typing import Any

from pocketcloud.cloudformation.errors import TemplateError
from pocketcloud.cloudformation.intrinsics import Value, intrinsic
from pocketcloud.cloudformation.mappings import TemplateMappings

NO_VALUE = "AWS::NoValue"
_NOTHING = object()


class Conditions:
    """The conditions of one stack, and the values that depend on them."""

    def __init__(
        self, stack: str, declared: Mapping[str, Any], values: Mapping[str, str], mappings: TemplateMappings
    ) -> None:
        self._stack = stack
        self._mappings = mappings
        self._declared: Mapping[str, Any] = mappings.settle(declared, f"{stack}/Conditions")
        self._values = values
        self._decided: dict[str, bool] = {}
        self._deciding: set[str] = set()
        for name in declared:
            self.holds(name, f"{stack}/Conditions.{name}")

    def holds(self, name: str, where: str) -> bool:
        """Return whether the condition is true; `where` is the place that refers to it."""
        if name not in self._declared:
            raise TemplateError(where, f"there is no condition {name!r}")
        if name in self._deciding:
            raise TemplateError(f"{self._stack}/Conditions.{name}", "the condition depends on itself")
        if name not in self._decided:
            self._deciding.add(name)
            self._decided[name] = self._decide(self._declared[name], f"{self._stack}/Conditions.{name}")
            self._deciding.remove(name)
        return self._decided[name]

    def _decide(self, expression: Value, where: str) -> bool:
        match intrinsic(expression):
            case "Condition", str(name):
                return self.holds(name, where)
            case "Fn::Equals", [left, right]:
                return self._operand(left, where) == self._operand(right, where)
            case "Fn::Not", [operand]:
                return not self._decide(operand, where)
            case "Fn::And", [_, _, *_] as operands:
                return all(self._decide(operand, where) for operand in operands)
            case "Fn::Or", [_, _, *_] as operands:
                return any(self._decide(operand, where) for operand in operands)
        raise TemplateError(where, f"not a condition: {expression!r}")

    def _operand(self, operand: Value, where: str) -> str:
        match intrinsic(operand):
            case "Ref", str(name) if name in self._values:
                return self._values[name]
            case None if isinstance(operand, str | int | float):
                return str(operand)
        raise TemplateError(where, f"conditions compare only literals and parameters, not {operand!r}")

    def settle(self, value: Value, where: str) -> Value:
        """Replace `Fn::If` with its chosen branch and `Fn::FindInMap`; remove every `AWS::NoValue`."""
        settled = self._settle(self._mappings.settle(value, where), where)
        return None if settled is _NOTHING else settled

    def _settle(self, value: Value, where: str) -> Value:
        if isinstance(value, list):
            items = [self._settle(item, f"{where}[{index}]") for index, item in enumerate(value)]
            return [item for item in items if item is not _NOTHING]
        match intrinsic(value):
            case "Fn::If", [str(name), yes, no]:
                return self._settle(yes if self.holds(name, where) else no, where)
            case "Fn::If", _:
                raise TemplateError(where, f"Fn::If takes a condition and two values: {value!r}")
            case "Ref", str(name) if name == NO_VALUE:
                return _NOTHING
        if not isinstance(value, dict):
            return value
        members = [(key, self._settle(child, f"{where}.{key}")) for key, child in value.items()]
        return {key: child for key, child in members if child is not _NOTHING}
