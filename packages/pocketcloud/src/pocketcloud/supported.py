"""Generate SUPPORTED.md from the code: `python -m pocketcloud supported`."""

from collections.abc import Iterable, Iterator

from pocketcloud.awslambda.mapping_options import OPTIONS
from pocketcloud.cloudformation.intrinsics import FUNCTIONS
from pocketcloud.cloudformation.mappings import FIND_IN_MAP
from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.event_source_mappings import MAPPING as MAPPING_PROPERTIES
from pocketcloud.cloudformation.resources.lifecycles import LIFECYCLES
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Lifecycle
from pocketcloud.cloudformation.resources.resource_type import ResourceType
from pocketcloud.eventbridge.patterns import BUS, MAPPING, SUBSCRIPTION
from pocketcloud.eventbridge.pipe_options import SOURCES
from pocketcloud.eventbridge.pipe_parameters import TARGETS
from pocketcloud.eventbridge.rules import RULE_TARGETS
from pocketcloud.eventbridge.schedule_rules import SCHEDULE_TARGETS
from pocketcloud.iam.actions import KNOWN_KEYS, OPERATIONS
from pocketcloud.iam.operators import NAMES

_HEADER = """# What is supported

This page is generated: `python -m pocketcloud supported` prints it, and a test compares the two.
Everything else is rejected by name, at deployment or when the call is made."""

_AGAIN = """A changed assembly updates the stacks: "deployed again" says which properties replace a resource.
All others update it in place, and its data stays. Deletion and replacement policies apply."""

_WINDOWS = """AWS does not say where tumbling windows begin: here at multiples of their length since 1970. A
final invocation has no records, and is repeated until its state is older than records may be."""

_DIALECTS = {"rules": BUS, "subscriptions": SUBSCRIPTION, "event source mappings": MAPPING}


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from (_HEADER, "", "## CloudFormation", "", _AGAIN, "")
    functions = sorted({*FUNCTIONS, FIND_IN_MAP})
    yield from (f"Intrinsic functions: {_code(functions)}.", "")
    yield from ("Dynamic references: `secretsmanager`, to a secret that exists before the deployment.", "")
    for name in sorted(RESOURCE_TYPES):
        yield from _resource_type(RESOURCE_TYPES[name])
    yield from _sources()
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


def _sources() -> Iterator[str]:
    yield from (
        "## Targets and sources of events",
        "",
        f"Targets of rules: {_code(sorted(RULE_TARGETS))}.",
        "",
        f"Targets of schedules: {_code(sorted(SCHEDULE_TARGETS))}.",
        "",
        "| event source | options of its mapping |",
        "|---|---|",
    )
    for service, options in sorted(OPTIONS.items()):
        yield f"| {service} | {_code(sorted(options & {*MAPPING_PROPERTIES}))} |"
    yield from ("", f"{_WINDOWS}", "", f"Sources of pipes: {_code(sorted(SOURCES))}.", "")
    yield from (
        f"Targets of pipes: {_code(sorted(TARGETS))}, with input templates; enrichment by functions.",
        "",
    )


def _resource_type(kind: ResourceType) -> Iterator[str]:
    yield from (
        f"### {kind.name}",
        "",
        f"Supported: {_code(sorted(kind.supported)) or 'no properties'}.",
        "",
    )
    for path, values in sorted(kind.values.items()):
        yield f"- only these values of `{path}`: {_code(sorted(values))}"
    for name, reason in sorted(kind.ignored.items()):
        yield f"- ignored `{name}`: {reason}"
    if kind.not_enforced:
        yield f"- not enforced: {kind.not_enforced}"
    yield from (f"- deployed again: {_changes(LIFECYCLES.get(kind.name))}", "")


def _changes(lifecycle: Lifecycle | None) -> str:
    """Return what a changed template does to the resource."""
    if lifecycle is None:
        return "changes and deletion are rejected by name"
    rejected = _code(sorted(lifecycle.unsupported))
    end = f"; changes of {rejected} are rejected" if rejected else ""
    if lifecycle.update is None:
        return f"any {'other ' if rejected else ''}change replaces it{end}"
    if not lifecycle.replaces:
        return f"updated in place{end}"
    return f"a change of {_code(sorted(lifecycle.replaces))} replaces it{end}"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
