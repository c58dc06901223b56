"""`orderbus schema types`, with the real generators where they are installed."""

import json
from importlib import import_module
from pathlib import Path
from shutil import which

import msgspec
import pytest
from typer.testing import CliRunner

from cli.core.exit_codes import ExitCode
from cli.events.event_file import SCHEMAS
from cli.main import app
from cli.schema import generators


@pytest.fixture
def no_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(generators, "FOLDERS", ())


@pytest.mark.usefixtures("no_tools")
@pytest.mark.parametrize(
    ("language", "install"),
    [
        ("python", "pip install datamodel-code-generator=="),
        ("typescript", "npm install --no-save json-schema-to-typescript@"),
    ],
)
def test_missing_tool_is_named_with_its_installation(language: str, install: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["schema", "types", "--lang", language, "--out", str(tmp_path / "out")])
    assert result.exit_code == ExitCode.TOOL_MISSING
    assert install in result.stderr


def test_unknown_event_is_an_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["schema", "types", "Nothing", "--lang", "python", "--out", str(tmp_path)]
    )
    assert result.exit_code == ExitCode.USAGE
    assert "There is no schema of Nothing." in result.stderr


def test_tool_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = tmp_path / "json2ts"
    tool.write_text("#!/bin/sh\necho no such option >&2\nexit 3\n")
    tool.chmod(0o755)
    monkeypatch.setattr(generators, "FOLDERS", (tmp_path,))
    out = ["--lang", "typescript", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, ["schema", "types", "OrderCreated", *out])
    assert result.exit_code == ExitCode.TOOL_MISSING
    assert "json2ts failed for OrderCreated.v1.json:" in result.stderr
    assert "no such option" in result.stderr


@pytest.mark.skipif(which("datamodel-codegen") is None, reason="datamodel-code-generator is not installed")
def test_python_types_decode_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(
        app, ["schema", "types", "--lang", "python", "--out", str(tmp_path), "--json"]
    )
    assert result.exit_code == ExitCode.OK, result.output
    assert str(tmp_path / "order_created_v1.py") in json.loads(result.stdout)
    monkeypatch.syspath_prepend(tmp_path)
    module = import_module("order_created_v1")
    example = (SCHEMAS / "orders" / "OrderCreated.v1.example.json").read_bytes()
    assert msgspec.json.decode(example, type=module.OrderCreated).lines[0].sku == "TEAPOT"


@pytest.mark.skipif(which("json2ts") is None, reason="json-schema-to-typescript is not installed")
def test_typescript_types_name_every_field(tmp_path: Path) -> None:
    arguments = ["schema", "types", "OrderCreated", "--lang", "typescript", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == ExitCode.OK, result.output
    text = (tmp_path / "OrderCreatedV1.ts").read_text()
    assert "export interface OrderCreated {" in text
    assert "payment_method: PaymentMethod;" in text
    assert "postal_code?: PostalCode;" in text
