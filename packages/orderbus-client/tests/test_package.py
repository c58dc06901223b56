"""The package: its contracts are the functions' own, and it needs boto3 and msgspec alone."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import orderbus_client
from orderbus_client import events

PACKAGE = Path(orderbus_client.__file__).parent
ROOT = Path(__file__).parents[1]


def test_package_imports_only_what_it_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[>=]", each)[0] for each in project["dependencies"]}
    allowed = {*declared, "botocore", "orderbus_client"}
    imported = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"^\s*(?:from|import) ([a-z_0-9]+)", path.read_text(), re.MULTILINE)
    }
    types_only = {each for each in imported if each.startswith("mypy_boto3_")}
    assert imported - allowed - types_only <= set(sys.stdlib_module_names)


def test_package_is_imported_without_orderbus_in_a_new_process(tmp_path: Path) -> None:
    script = (
        "import sys; import orderbus_client, orderbus_client.events\n"
        "print({'functions', 'mypy_boto3_events', 'moto'} & {each.split('.')[0] for each in sys.modules})"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    assert done.stdout == "set()\n"


def test_every_event_and_value_is_exported() -> None:
    assert {"OrderCreated", "CheckoutCompleted", "Money", "EnteredAddress"} <= set(events.__all__)
    assert all(hasattr(events, name) for name in events.__all__)
    assert (PACKAGE / "py.typed").exists()
