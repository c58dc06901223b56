"""`orderbus new consumer` checks everything before it writes."""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.main import app
from cli.new import consumer, writing
from cli.new.edits import added_to_tuple, consumed, with_import

TOPOLOGY = (
    'FACTS = (\n    Fact(name="A", owner="b"),\n    Fact(name="C", owner="b", no_consumer_because=WHY),\n)\n'
)


def new_consumer(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["new", "consumer", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def forbid_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: object) -> None:
        raise AssertionError("written")

    monkeypatch.setattr(consumer, "write", write)


@pytest.mark.usefixtures("forbid_writing")
@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("fraud", "--reacts-to", "OrderCreated"), "'fraud' is taken", "another name"),
        (("stock", "--reacts-to", "OrderCreated"), "'stock' is taken", "another name"),
        (
            ("values", "--reacts-to", "OrderCreated", "--publishes", "PointsEarned"),
            "exists already",
            "Remove",
        ),
        (("not-a-name", "--reacts-to", "OrderCreated"), "'not-a-name' is not a valid", "a-z and 0-9"),
        (("class", "--reacts-to", "OrderCreated"), "'class' is not a valid", "no Python keyword"),
        (("loyalty", "--reacts-to", "OrderMade"), "Unknown fact: OrderMade", "OrderCreated, "),
        (
            ("loyalty", "--reacts-to", "OrderCreated", "--publishes", "OrderCreated"),
            "is published by orders",
            "new",
        ),
        (
            ("loyalty", "--reacts-to", "OrderCreated", "--publishes", "points"),
            "'points' is not a valid",
            "PointsEarned",
        ),
        (
            ("loyalty", "--reacts-to", "StockAdded", "--publishes", "PointsEarned"),
            "is about no order",
            "--publishes",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_invalid_request_is_a_usage_error(arguments: tuple[str, ...], message: str, hint: str) -> None:
    code, out, err = new_consumer(*arguments)
    assert (code, out) == (ExitCode.USAGE, "")
    assert message in err
    assert hint in err.partition(message)[2]


@pytest.mark.usefixtures("forbid_writing")
def test_installed_package_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__init__.py").touch()
    monkeypatch.setattr(consumer, "ROOT", tmp_path)
    code, _, err = new_consumer("loyalty", "--reacts-to", "OrderCreated")
    assert code == ExitCode.USAGE
    assert "not a checkout" in err


@pytest.mark.usefixtures("forbid_writing")
def test_dry_run_lists_the_files_as_json() -> None:
    arguments = ("--reacts-to", "OrderCreated", "--publishes", "PointsEarned", "--dry-run", "--json")
    code, out, _ = new_consumer("loyalty", *arguments)
    assert code == ExitCode.OK
    listed = json.loads(out)
    assert listed["dry_run"]
    assert "schemas/loyalty/PointsEarned.v1.json" in listed["written"]
    assert "infrastructure/topology.py" in listed["changed"]
    assert len(listed["next"]) == 3


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
def test_write_restores_everything_after_an_error(
    failure: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "changed.py").write_text("before")

    def fail(*_: object) -> None:
        assert (tmp_path / "new" / "file.py").exists()
        raise failure

    monkeypatch.setattr(writing, "_run", fail)
    with pytest.raises(failure):
        writing.write(tmp_path, {"new/file.py": "x", "changed.py": "after"})
    assert [(each.name, each.read_text()) for each in tmp_path.rglob("*")] == [("changed.py", "before")]


def test_failed_generator_is_an_error_with_its_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "GENERATORS", ("no_such_generator",))
    with pytest.raises(CommandError, match="No module named no_such_generator") as raised:
        writing.write(tmp_path, {"new.py": "x"})
    assert raised.value.code == ExitCode.NOT_SYNTHESISED
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (lambda source: added_to_tuple(source, "FACTS", "    ROW,\n"), "ROW,\n)\n"),
        (lambda source: consumed(source, "C"), "Fact(name='C', owner='b'),"),
        (lambda source: with_import("import x\n" + source, "a.b", "C"), "from a.b import C\nimport x\n"),
    ],
)
def test_edit_keeps_the_source_valid(edited: Callable[[str], str], expected: str) -> None:
    source = edited(TOPOLOGY)
    assert expected in source
    ast.parse(source)
