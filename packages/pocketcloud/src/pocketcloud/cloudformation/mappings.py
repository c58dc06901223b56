"""Look values up in a template's mappings, before its conditions are evaluated.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from collections.abc import Mapping
from typing import Any

from pocketcloud.cloudformation.errors import TemplateError
from pocketcloud.cloudformation.intrinsics import Value, intrinsic

FIND_IN_MAP = "Fn::FindInMap"


class TemplateMappings:
    """The mappings of one stack; keys can refer to parameters and pseudo parameters."""

    def __init__(self, declared: Mapping[str, Any], values: Mapping[str, str]) -> None:
        self._declared = declared
        self._values = values

    def settle(self, value: Value, where: str) -> Value:
        """Replace every `Fn::FindInMap` in the value by what it finds."""
        if isinstance(value, list):
            return [self.settle(item, f"{where}[{index}]") for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        function, argument = intrinsic(value) or ("", None)
        if function == FIND_IN_MAP:
            return self._find(argument, where)
        return {key: self.settle(child, f"{where}.{key}") for key, child in value.items()}

    def _find(self, argument: Value, where: str) -> Value:
        match argument:
            case [_, _, _]:
                found: Any = self._declared
            case _:
                raise TemplateError(where, f"{FIND_IN_MAP} takes a map and two keys: {argument!r}")
        for key in argument:
            name = self._key(key, where)
            if not isinstance(found, Mapping) or name not in found:
                raise TemplateError(where, f"the mappings have no {argument!r}")
            found = found[name]
        return found

    def _key(self, key: Value, where: str) -> str:
        match intrinsic(key):
            case "Ref", str(name) if name in self._values:
                return self._values[name]
            case "Fn::FindInMap", nested:
                return str(self._find(nested, where))
            case None if isinstance(key, str):
                return key
        raise TemplateError(where, f"a key of {FIND_IN_MAP} is a text or a parameter, not {key!r}")
