"""Generate SUPPORTED.md from the code: `python -m pocketcloud supported`."""

from collections.abc import Iterable, Iterator

from pocketcloud.cloudformation.intrinsics import FUNCTIONS
from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.resource_type import ResourceType
from pocketcloud.eventbridge.patterns import BUS, MAPPING, SUBSCRIPTION
from pocketcloud.iam.actions import KNOWN_KEYS, OPERATIONS
from pocketcloud.iam.operators import NAMES

_HEADER = """# What is supported

This page is generated: `python -m pocketcloud supported` prints it, and a test compares the two.
Everything else is rejected by name, at deployment or when the call is made."""

_DIALECTS = {"rules": BUS, "subscriptions": SUBSCRIPTION, "event source mappings": MAPPING}


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from (_HEADER, "", "## CloudFormation", "", f"Intrinsic functions: {_code(sorted(FUNCTIONS))}.", "")
    for name in sorted(RESOURCE_TYPES):
        yield from _resource_type(RESOURCE_TYPES[name])
    yield from ("## Event patterns", "", "| used in | operators | inside `anything-but` |", "|---|---|---|")
    for where, dialect in (
        ("rules", BUS),
        ("subscriptions", SUBSCRIPTION),
        ("event source mappings", MAPPING),
    ):
        nested = _code(sorted(dialect.inside_anything_but)) or "none"
        yield f"| {where} | {_code(sorted(dialect.operators))} | {nested} |"
    yield from ("", "## AWS calls of functions, with their permissions", "")
    yield "DynamoDB calls are authorized per item, and Secrets Manager calls per secret. The other calls:"
    yield ""
    for service in sorted({service for service, _ in OPERATIONS}):
        operations = sorted(operation for owner, operation in OPERATIONS if owner == service)
        yield f"- `{service}`: {_code(operations)}"
    yield from ("", "## IAM conditions", "", f"Operators: {_code(sorted(NAMES))}.", "")
    yield f"Keys: {_code(sorted(KNOWN_KEYS))}."


def _resource_type(kind: ResourceType) -> Iterator[str]:
    yield from (
        f"### {kind.name}",
        "",
        f"Supported: {_code(sorted(kind.supported)) or 'no properties'}.",
        "",
    )
    for name, reason in sorted(kind.ignored.items()):
        yield f"- ignored `{name}`: {reason}"
    if kind.not_enforced:
        yield f"- not enforced: {kind.not_enforced}"
    if kind.ignored or kind.not_enforced:
        yield ""


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
