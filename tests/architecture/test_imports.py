"""Imports point inward: the rules of docs/architecture.md, checked on every file."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrastructure.topology import TOPOLOGY

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "asyncapi",
    "benchmarks",
    "catalogue",
    "cli",
    "client_package",
    "contract_files",
    "deploy_check",
    "functions",
    "infrastructure",
    "load",
    "openapi",
)
SLICES = [*(service.name for service in TOPOLOGY.every_service), "relay", "stream"]

OWN = tuple(
    f"infrastructure.{name}"
    for name in (
        "orderbus",
        "topology",
        "neighbours",
        "synthesis",
        "business_alarms",
        "alarm_kinds",
        "flow_diagram",
    )
)
"""The modules of Orderbus alone; another application composes the rest."""

FORBIDDEN: dict[str, tuple[str, ...]] = {
    # what each folder or file may not import
    "functions": (
        "infrastructure",
        "pocketcloud",
        "cli",
        "tests",
        "aws_cdk",
        "moto",
        "jsonschema",
        "pydantic",
    ),
    "functions/shared": (
        "functions.contracts",
        "functions.bridges",
        *(f"functions.{name}" for name in SLICES),
    ),
    "functions/bridges": tuple(f"functions.{name}" for name in SLICES),
    "functions/bridges/cloud_event.py": ("boto3", "botocore", "aws_lambda_powertools"),
    "functions/shared/contracts": (
        "boto3",
        "botocore",
        "aws_lambda_powertools",
        "functions.shared.event_store",
    ),
    "infrastructure": ("functions", "pocketcloud", "cli", "boto3", "moto"),
    "infrastructure/topology.py": ("aws_cdk", "constructs"),
    "infrastructure/services.py": ("aws_cdk", "constructs"),
    "infrastructure/tables.py": ("aws_cdk", "constructs"),
    "infrastructure/names.py": ("aws_cdk", "constructs"),
    "infrastructure/triggers.py": ("aws_cdk", "constructs"),
    "infrastructure/settings.py": ("aws_cdk", "constructs"),
    "infrastructure/bridge_settings.py": ("aws_cdk", "constructs"),
    "infrastructure/neighbours.py": ("aws_cdk", "constructs"),
    "infrastructure/application.py": ("aws_cdk", "constructs"),
    "infrastructure/orderbus.py": ("aws_cdk", "constructs"),
    "infrastructure/observability/alarm_row.py": ("aws_cdk", "constructs"),
    "infrastructure/observability/alarms.py": ("aws_cdk", "constructs"),
    "infrastructure/business_alarms.py": ("aws_cdk", "constructs"),
    "infrastructure/alarm_kinds.py": ("aws_cdk", "constructs"),
    "infrastructure/components": (
        "infrastructure.orderbus",
        "infrastructure.topology",
        "infrastructure.neighbours",
        "infrastructure.synthesis",
        "infrastructure.access",
        "infrastructure.business_alarms",
        "infrastructure.alarm_kinds",
    ),
    "packages/orderbus-client": (
        "app",
        "functions",
        "infrastructure",
        "openapi",
        "cli",
        "tests",
        "aws_lambda_powertools",
    ),
    "packages/orderbus-client/src": ("moto", "pocketcloud"),
    "catalogue": ("aws_cdk", "boto3", "moto", "cli", "pocketcloud", "tests", "functions"),
    "asyncapi": ("aws_cdk", "boto3", "moto", "cli", "pocketcloud", "tests"),
    "client_package": (
        "functions",
        "infrastructure",
        "aws_cdk",
        "boto3",
        "moto",
        "cli",
        "pocketcloud",
        "tests",
    ),
    "packages/pocketcloud": (
        "app",
        "functions",
        "infrastructure",
        "openapi",
        "contract_files",
        "cli",
        "tests",
    ),
    "cli": ("aws_cdk", "moto", "deploy_check", "benchmarks", "load"),
    "deploy_check": ("functions", "moto", "pocketcloud", "benchmarks"),
    "benchmarks": ("moto", "tests"),
    "load": ("aws_cdk", "moto", "pocketcloud", "tests", "benchmarks", "deploy_check"),
    "contract_files": ("aws_cdk", "boto3", "moto", "cli", "pocketcloud", "tests"),
    "openapi": ("aws_cdk", "boto3", "moto", "cli", "pocketcloud", "tests"),
}


def imports_of(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports name their module in full"
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def files_below(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize("place", FORBIDDEN)
def test_module_imports_nothing_forbidden(place: str) -> None:
    files = files_below(place)
    assert files
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files
        for module in imports_of(path)
        if any(is_within(module, forbidden) for forbidden in FORBIDDEN[place])
    ]
    assert wrong == []


def test_command_imports_only_contracts_and_the_projection_of_functions() -> None:
    allowed = (
        "functions.contracts",
        "functions.shared.contracts",
        "functions.shared.runtime.event_batches",
        "functions.shared.runtime.message_ages",
        "functions.shared.runtime.received",
        "functions.shared.event_store.attributes",
        "functions.shared.event_store.open_items",
        *("functions.inventory.shards", "functions.orders.waiting"),  # the rows that `restore state` writes
        # The rows that an erasure mutes, and the key of one that it deletes.
        *("functions.notifications.contact_rows", "functions.notifications.address_limit"),
        *("functions.heartbeat.entry", "functions.heartbeat.schedule"),  # the events that `smoke` sends
        *("functions.payments.attempt", "functions.payments.attempt_row"),
        *(
            f"functions.analytics.{name}"
            for name in ("checkpoint", "figures", "figures_reader", "items", "report", "store", "views")
        ),
        *(f"functions.otlp.{name}" for name in ("document", "event_spans", "span")),
        *(f"functions.views.{name}" for name in ("domain", "history", "listing", "projection", "store")),
    )
    wrong = [
        f"{path.name} imports {module}"
        for path in files_below("cli")
        for module in imports_of(path)
        if is_within(module, "functions") and not any(is_within(module, name) for name in allowed)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", SLICES)
def test_service_imports_no_other_service(name: str) -> None:
    others = [f"functions.{other}" for other in SLICES if other != name]
    wrong = [
        f"{path.name} imports {module}"
        for path in files_below(f"functions/{name}")
        for module in imports_of(path)
        if any(is_within(module, other) for other in others)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "functions").glob("*/domain.py")), ids=lambda p: p.parent.name
)
def test_domain_imports_only_the_standard_library_contracts_and_structs(path: Path) -> None:
    allowed = (
        "functions.contracts",
        "functions.shared.contracts",
        f"functions.{path.parent.name}.gateway",
        f"functions.{path.parent.name}.attempt",
    )
    wrong = [
        module
        for module in imports_of(path)
        if not any(is_within(module, name) for name in allowed)
        and module.split(".")[0]
        not in {"base64", "collections", "enum", "hashlib", "msgspec", "typing", "uuid"}
        and module != "functions.shared"
    ]
    assert wrong == []


def test_records_in_functions_are_structs_for_faster_cold_starts() -> None:
    wrong = [path for path in (ROOT / "functions").rglob("*.py") if "dataclasses" in imports_of(path)]
    assert wrong == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "functions").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_decisions_read_neither_clock_nor_randomness(path: Path) -> None:
    if path.name == "domain.py":
        source = path.read_text()
        assert not [word for word in ("datetime", "time.", "random", "uuid4", "os.environ") if word in source]


def test_every_package_has_an_import_rule() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == set(PACKAGES)
