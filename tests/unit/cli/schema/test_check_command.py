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
from cli.schema.check_command import CheckOptions, check
from cli.schema.releases import last_release

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
        self.git("init", "--quiet", "--initial-branch=main")
        self.write("orders/OrderCreated.v1", CREATED)
        self.write("readers", READERS)
        self.release("v1.0.0")

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run([GIT, *identity, *arguments], cwd=self.root, check=True, capture_output=True)

    def write(self, name: str, document: Any) -> None:
        path = self.root / "schemas" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))

    def release(self, tag: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", tag)
        self.git("tag", tag)

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
    repository.release("v1.1.0")
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


def test_default_is_last_tag_else_start_of_branch(repository: Repository) -> None:
    assert last_release(repository.root) == "v1.0.0"
    repository.git("tag", "--delete", "v1.0.0")
    repository.git("switch", "--quiet", "--create", "change")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "change")
    main = repository.root.joinpath(".git/refs/heads/main").read_text()
    assert main.startswith(last_release(repository.root))


def test_unknown_ref_is_an_error(repository: Repository) -> None:
    with pytest.raises(CommandError, match="git does not know v9"):
        repository.check(against="v9")


def test_folder_without_git_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no earlier commit"):
        last_release(tmp_path)
