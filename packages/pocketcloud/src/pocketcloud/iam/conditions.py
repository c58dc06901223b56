"""The Condition element: all operators and keys must match; any value of a key may match.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pocketcloud.iam.operators import Matcher, MatcherFactory, operator_named
from pocketcloud.iam.text import Context, Text
from pocketcloud.iam.unsupported import UnsupportedPolicyError

_SETS = ("ForAllValues", "ForAnyValue")
_IF_EXISTS = "IfExists"
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key."""

    operator: str
    key: str
    holds: Callable[[Context], bool]


def read_conditions(block: Mapping[str, Mapping[str, Any]], *, variables: bool) -> tuple[Condition, ...]:
    """Return all conditions of the element; reject an unknown operator."""
    return tuple(
        Condition(operator, key.lower(), _read(operator, key.lower(), values_of(values), variables=variables))
        for operator, keys in block.items()
        for key, values in keys.items()
    )


def values_of(values: Any) -> tuple[str, ...]:
    """Return a policy's value or values as text; booleans and numbers are converted."""
    listed = values if isinstance(values, list) else [values]
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in listed)


def _read(operator: str, key: str, values: tuple[str, ...], *, variables: bool) -> Callable[[Context], bool]:
    quantifier, _, plain = operator.rpartition(":")
    if quantifier and quantifier not in _SETS:
        raise UnsupportedPolicyError(f"the condition operator {operator} is not evaluated")
    if plain == "Null":
        return _null(key, values)
    prepare, negated = operator_named(plain.removesuffix(_IF_EXISTS))
    comparison = _Comparison(
        prepare, tuple(Text.read(value, variables=variables) for value in values), negated
    )
    if quantifier:
        return _of_set(quantifier, key, comparison, if_exists=plain.endswith(_IF_EXISTS))
    return _of_one(operator, key, comparison, if_exists=plain.endswith(_IF_EXISTS))


class _Comparison:
    """The values of a policy's condition, to compare a value of the request with."""

    def __init__(self, prepare: MatcherFactory, texts: tuple[Text, ...], negated: bool) -> None:  # noqa: FBT001 - private
        self._prepare, self._texts, self.negated = prepare, texts, negated
        self._constant = None if any(text.has_variables for text in texts) else tuple(self._made(texts, {}))

    def holds(self, value: str, context: Context) -> bool:
        """Return whether any of the policy's values matches; for a negated operator, whether none does.

        Neither holds for values that cannot be compared: a text that is no date, a variable without value.
        """
        tests = self._made(self._texts, context) if self._constant is None else self._constant
        if not self.negated:
            return any(test is not None and test(value) for test in tests)
        return all(test is not None and test(value) is False for test in tests)

    def _made(self, texts: Iterable[Text], context: Context) -> Iterator[Matcher | None]:
        return (self._prepare(text, context) for text in texts)


def _null(key: str, values: tuple[str, ...]) -> Callable[[Context], bool]:
    wanted = [_BOOLEANS.get(value.lower()) for value in values]

    def holds(context: Context) -> bool:
        value = context.get(key)
        return (not (value() if callable(value) else value)) in wanted

    return holds


def _of_one(
    operator: str, key: str, comparison: _Comparison, *, if_exists: bool
) -> Callable[[Context], bool]:
    def holds(context: Context) -> bool:
        value = context.get(key)
        if callable(value):
            value = value()
        if value is None:
            # A missing key matches no value, so it satisfies a negated operator.
            return if_exists or comparison.negated
        if isinstance(value, tuple):
            wanted = " or ".join(_SETS)
            raise UnsupportedPolicyError(f"{key} can have several values: use {operator} with {wanted}")
        return comparison.holds(value, context)

    return holds


def _of_set(
    quantifier: str, key: str, comparison: _Comparison, *, if_exists: bool
) -> Callable[[Context], bool]:
    def holds(context: Context) -> bool:
        value = context.get(key) or ()
        if callable(value):
            value = value()
        values = value if isinstance(value, tuple) else (value,)
        if not values:
            return if_exists or quantifier == "ForAllValues"
        quantified = all if quantifier == "ForAllValues" else any
        return quantified(comparison.holds(each, context) for each in values)

    return holds
