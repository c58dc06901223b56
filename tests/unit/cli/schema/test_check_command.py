"""`orderbus schema check` in a repository of its own."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.schema.check import Mode
from cli.schema.check_command import CheckOptions, check, release_schemas

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
GIT = which("git") or "git"
LINE = {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string", "maxLength": 40}}}
CREATED = {
    "$schema": DRAFT_4,
    "type": "object",
    "required": ["lines"],
    "properties": {"lines": {"type": "array", "minItems": 1, "items": LINE}, "note": {"type": "string"}},
}
READERS = {"OrderCreated": {"shipping": ["data.lines[].sku"], "views": ["data.note"]}}


class Repository:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("orders/OrderCreated.v1", CREATED)
        self.write("readers", READERS)
        assert release_schemas(root, only_check=False) is ExitCode.OK

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run([GIT, *identity, *arguments], cwd=self.root, check=True, capture_output=True)

    def write(self, name: str, document: Any) -> None:
        path = self.root / "schemas" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))

    def commit(self) -> None:
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")

    def check(self, mode: Mode = Mode.FULL_TRANSITIVE, **options: Any) -> ExitCode:
        return check(CheckOptions(root=self.root, against=options.pop("against", None), mode=mode, **options))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def _with(**properties: Any) -> dict[str, Any]:
    return {**CREATED, "properties": {**CREATED["properties"], **properties}}  # type: ignore[dict-item]  # a schema


def _sku(**limits: Any) -> dict[str, Any]:
    line = {**LINE, "properties": {"sku": {"type": "string", **limits}}}
    return _with(lines={"type": "array", "minItems": 1, "items": line})


Output = Callable[[], str]


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    return lambda: capsys.readouterr().out


def test_check_passes_when_optional_field_is_added(repository: Repository, output: Output) -> None:
    repository.write("orders/OrderCreated.v1", _with(gift_message={"type": "string"}))
    assert repository.check() is ExitCode.OK
    assert "orders/OrderCreated.v1: full-transitive compatible; v1 may stay" in output()


def test_strict_check_fails_when_optional_field_is_added(repository: Repository, output: Output) -> None:
    repository.write("orders/OrderCreated.v1", _with(gift_message={"type": "string"}))
    assert repository.check(strict=True) is ExitCode.INCOMPATIBLE
    assert "data.gift_message" in output()


def test_check_names_consumer_and_instance_when_limit_grows(repository: Repository, output: Output) -> None:
    repository.write("orders/OrderCreated.v1", _sku(maxLength=41))

    assert repository.check(as_json=True) is ExitCode.INCOMPATIBLE

    (report,) = json.loads(output())["schemas"]
    (change,) = report["changes"]
    assert report["next_version"] == 2
    assert change["backward"] == {"verdict": "compatible"}
    assert change["forward"]["field"] == "data.lines[].sku"
    assert change["forward"]["readers"] == ["shipping"]
    assert len(change["forward"]["instance"]["lines"][0]["sku"]) == 41


def test_check_prints_break_with_new_version(repository: Repository, output: Output) -> None:
    repository.write("orders/OrderCreated.v1", _sku(maxLength=39))
    assert repository.check() is ExitCode.INCOMPATIBLE
    text = output()
    assert "orders/OrderCreated.v1: BROKEN" in text
    assert "read by shipping" in text
    assert "write the change to orders/OrderCreated.v2" in text


@pytest.mark.parametrize(
    ("mode", "limit", "code"),
    [
        (Mode.BACKWARD, 41, ExitCode.OK),
        (Mode.FORWARD, 41, ExitCode.INCOMPATIBLE),
        (Mode.BACKWARD, 39, ExitCode.INCOMPATIBLE),
        (Mode.FORWARD, 39, ExitCode.OK),
        (Mode.FULL, 40, ExitCode.OK),
    ],
)
def test_mode_decides_direction(repository: Repository, mode: Mode, limit: int, code: ExitCode) -> None:
    repository.write("orders/OrderCreated.v1", _sku(maxLength=limit))
    assert repository.check(mode) is code


def test_only_transitive_mode_finds_break_with_older_release(repository: Repository) -> None:
    """A field is removed in one release and comes back with another type in the next."""
    properties = {name: node for name, node in _with()["properties"].items() if name != "note"}
    repository.write("orders/OrderCreated.v1", {**CREATED, "properties": properties})
    assert release_schemas(repository.root, only_check=False) is ExitCode.OK
    repository.write("orders/OrderCreated.v1", _with(note={"type": "integer"}))
    assert repository.check(Mode.FULL) is ExitCode.OK
    assert repository.check(Mode.FULL_TRANSITIVE) is ExitCode.INCOMPATIBLE


def test_check_fails_when_released_schema_is_removed(repository: Repository, output: Output) -> None:
    (repository.root / "schemas" / "orders" / "OrderCreated.v1.json").unlink()
    assert repository.check() is ExitCode.INCOMPATIBLE
    assert "orders/OrderCreated.v1: REMOVED" in output()


def test_check_says_unknown_when_pattern_is_not_understood(repository: Repository, output: Output) -> None:
    repository.write(
        "orders/OrderCreated.v1", _with(note={"type": "string", "pattern": "^(?:(?!x).)*$|(?s:.)"})
    )
    assert repository.check(Mode.BACKWARD) is ExitCode.INCOMPATIBLE
    assert "UNKNOWN" in output()


def test_new_version_needs_upcaster_when_it_breaks(repository: Repository, output: Output) -> None:
    repository.write("orders/OrderCreated.v2", _sku(maxLength=39))
    assert repository.check() is ExitCode.OK
    assert "orders/OrderCreated.v2 needs an upcaster from v1: data.lines[].sku" in output()


def test_unreleased_content_of_a_commit_counts(repository: Repository, output: Output) -> None:
    repository.write("orders/OrderCreated.v1", _with(gift={"type": "string"}))
    repository.commit()
    repository.write("orders/OrderCreated.v1", _with(gift={"type": "integer"}))
    assert repository.check() is ExitCode.OK
    assert repository.check(against="main") is ExitCode.INCOMPATIBLE
    assert "backward, against main:" in output()


@pytest.mark.parametrize("change", [lambda path: path.write_text("{}"), lambda path: path.unlink()])
def test_released_file_is_never_edited(
    repository: Repository, output: Output, change: Callable[[Path], object]
) -> None:
    repository.commit()
    change(repository.root / "schemas" / "released" / "orders" / "OrderCreated.v1" / "1.json")
    assert repository.check(against="HEAD") is ExitCode.INCOMPATIBLE
    assert "schemas/released/orders/OrderCreated.v1/1.json: EDITED" in output()


def test_release_writes_only_changed_schemas_once(repository: Repository, output: Output) -> None:
    repository.write("orders/OrderCreated.v1", _with(gift={"type": "string"}))
    repository.write("orders/OrderCreated.v2", CREATED)
    assert release_schemas(repository.root, only_check=True) is ExitCode.INCOMPATIBLE
    assert "orders/OrderCreated.v2: not released" in output()
    assert release_schemas(repository.root, only_check=False) is ExitCode.OK
    assert release_schemas(repository.root, only_check=True) is ExitCode.OK
    folder = repository.root / "schemas" / "released" / "orders"
    written = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.json"))
    assert written == ["OrderCreated.v1/1.json", "OrderCreated.v1/2.json", "OrderCreated.v2/1.json"]


def test_breaking_schema_is_not_released(repository: Repository) -> None:
    repository.write("orders/OrderCreated.v1", _sku(maxLength=39))
    assert release_schemas(repository.root, only_check=False) is ExitCode.INCOMPATIBLE
    assert release_schemas(repository.root, only_check=True) is ExitCode.INCOMPATIBLE


def test_gap_in_releases_is_an_error(repository: Repository) -> None:
    folder = repository.root / "schemas" / "released" / "orders" / "OrderCreated.v1"
    (folder / "1.json").rename(folder / "2.json")
    with pytest.raises(CommandError, match=r"OrderCreated.v1/1.json of the working tree is missing"):
        repository.check()


def test_unknown_ref_is_an_error(repository: Repository) -> None:
    with pytest.raises(CommandError, match="git does not know v9"):
        repository.check(against="v9")
