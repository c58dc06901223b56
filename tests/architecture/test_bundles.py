"""Each bundle has exactly its content, and that is enough to import it."""

import json
import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from infrastructure.orderbus import ORDERBUS
from infrastructure.topology import SERVICES, TOPOLOGY

ROOT = Path(__file__).parents[2]
BUNDLES = ORDERBUS.bundles
FILES = {service.name: service.files for service in SERVICES}
FOLDERS = {service.name: service.folders for service in TOPOLOGY.every_service}
NAMES = [*(service.name for service in TOPOLOGY.every_service), "relay", "stream"]
HANDLERS = [
    *((name, f"functions.{name}.handler") for name in NAMES),
    *(
        (service.name, f"functions.{service.name}.{function.module}")
        for service in TOPOLOGY.every_service
        for function in service.functions
        if function.module != "handler"
    ),
]


def bundle_of(name: str) -> Path:
    return BUNDLES.code(name, files=FILES.get(name, ()), folders=FOLDERS.get(name, ()))


def content_of(bundle: Path) -> set[str]:
    """Its files without the bytecode, which tests/infrastructure/test_bytecode.py compares."""
    files = {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()}
    return {name for name in files if not name.endswith(".pyc")}


@pytest.mark.parametrize("name", NAMES)
def test_bundle_holds_the_shared_library_and_its_service_only(name: str) -> None:
    common = ("shared", "contracts", *FOLDERS.get(name, ()))
    folders = [ROOT / "functions" / folder for folder in common]
    shared = {str(path.relative_to(ROOT)) for folder in folders for path in folder.rglob("*.py")}
    own = {str(path.relative_to(ROOT)) for path in (ROOT / "functions" / name).rglob("*.py")}
    assert own
    shipped = set(FILES.get(name, ()))
    assert content_of(bundle_of(name)) == {"functions/__init__.py"} | shared | own | shipped


IMPORTED = """
import sys
sys.path.insert(0, {bundle!r})
import {module} as handler
assert callable(handler.handle)
from functions.shared.runtime import clients
factories = (clients.dynamodb, clients.events, clients.sqs, clients.ses)
assert not any(factory.cache_info().currsize for factory in factories)
assert handler.__file__.startswith({bundle!r})
"""
UNIQUE = """
import os, random, sys, uuid
def reject(*_):
    raise AssertionError("drawn while the function is initialised: every restored copy would share it")
os.urandom = random.random = random.getrandbits = uuid.uuid4 = uuid.uuid1 = reject
sys.path.insert(0, {bundle!r})
import {module}
"""
"""https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html"""
FORKING = """
import json, os, sys, traceback
# Libraries seed generators of their own when imported, which they do not use for ids.
import boto3, msgspec, aws_lambda_powertools
from aws_lambda_powertools.utilities import batch, idempotency
errors = {}
for name, program in json.load(sys.stdin).items():
    readable, writable = os.pipe()
    if not (child := os.fork()):
        try:
            exec(program, {})
        except BaseException:
            os.write(writable, traceback.format_exc().encode())
            os._exit(1)
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as pipe:
        errors[name] = pipe.read()
    if os.waitpid(child, 0)[1]:
        errors[name] = errors[name] or "the process ended"
print(json.dumps(errors))
"""
"""Runs each program in a process of its own that has imported the layer, and prints its error or nothing."""


@pytest.fixture(scope="module")
def errors() -> dict[str, str]:
    """Return the error of each program with each handler, or nothing."""
    programs = {
        f"{kind} {module}": program.format(bundle=str(bundle_of(name)), module=module)
        for name, module in HANDLERS
        for kind, program in (("imported", IMPORTED), ("unique", UNIQUE))
    }
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "CONTRACTS": ORDERBUS.contracts,
    }
    outcome = subprocess.run(
        [sys.executable, "-P", "-c", FORKING],
        env=environment,
        cwd="/",
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    found: dict[str, str] = json.loads(outcome.stdout)
    assert found.keys() == programs.keys()
    return found


@pytest.mark.parametrize("module", [module for _, module in HANDLERS])
def test_handler_is_imported_from_its_bundle_without_a_client(module: str, errors: dict[str, str]) -> None:
    assert errors[f"imported {module}"] == ""


@pytest.mark.parametrize("module", [module for _, module in HANDLERS])
def test_handler_draws_nothing_at_random_when_imported(module: str, errors: dict[str, str]) -> None:
    assert errors[f"unique {module}"] == ""


def test_tests_run_with_the_versions_of_the_layer() -> None:
    here = {dist.name.replace("-", "_").lower(): dist.version for dist in distributions()}
    for folder in (BUNDLES.layer() / "python").glob("*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
        assert here[name.lower()] == version
