"""A consumer that is generated and changed as docs/add-a-consumer.md says runs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.demo.synthesis import current_assembly
from infrastructure.orderbus import ORDERBUS
from tests.assemblies import JSII_CACHE, link_assets

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "add-a-consumer.md"

BLOCK = re.compile(
    r"^(?P<words>[^\n]+(?:\n[^\n]+)*)\n\n```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
WRITE = re.compile(r"(?P<verb>Write|Replace) `(?P<path>[^`]+)`:")
ADD = re.compile(r"In `(?P<path>[^`]+)`, (?P<side>above|below) the line\s`(?P<line>[^`]+)`, add:")
RUN = re.compile(r"Run:")


@dataclass(frozen=True)
class Step:
    """An instruction of the page, and its code block."""

    words: str
    text: str


def steps() -> Iterator[Step]:
    """Every code block with the paragraph before it."""
    page = PAGE.read_text()
    found = list(BLOCK.finditer(page))
    assert len(found) * 2 == page.count("```"), "a block without words before it would be passed over"
    for block in found:
        yield Step(block["words"], block["text"])


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository less what git ignores, with this environment and the layer that is built here."""
    tmp_path = tmp_path_factory.mktemp("scratch")
    git = shutil.which("git")
    assert git
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.rstrip("\0").split("\0"):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
            copy_bytecode(ROOT / name, tmp_path / name)
    # With the alarms that the tests' clouds have, one synthesis serves them and cdk.out.
    settings = (tmp_path / "cdk.json").read_text()
    (tmp_path / "cdk.json").write_text(settings.replace('"selection": "essential"', '"selection": "all"'))
    layer = ORDERBUS.bundles.layer()
    (tmp_path / "build" / "layers").mkdir(parents=True)
    (tmp_path / "build" / "layers" / layer.name).symlink_to(layer)
    shutil.copytree(ROOT / "build" / "bytecode", tmp_path / "build" / "bytecode")
    link_assets(tmp_path / "cdk.out", current_assembly())
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    if (ROOT / ".mypy_cache").exists():
        with suppress(shutil.Error):  # mypy runs beside the tests, and renames what it writes
            shutil.copytree(ROOT / ".mypy_cache", tmp_path / ".mypy_cache")
    return tmp_path


def copy_bytecode(source: Path, target: Path) -> None:
    """Copy what Python has compiled; it is of the time of the source, so a changed one is compiled again."""
    if source.suffix == ".py":
        (target.parent / "__pycache__").mkdir(exist_ok=True)
        for path in source.parent.glob(f"__pycache__/{source.stem}.*"):
            shutil.copy2(path, target.parent / "__pycache__" / path.name)


def follow(step: Step, scratch: Path) -> str:
    """Do the step; return which kind it was."""
    if write := WRITE.fullmatch(step.words):
        path = scratch / write["path"]
        assert path.exists() == (write["verb"] == "Replace"), f"{write['verb']} {path}: wrong verb"
        path.write_text(step.text)
        return write["verb"]
    if add := ADD.fullmatch(step.words):
        path = scratch / add["path"]
        line = add["line"] + "\n"
        lines = path.read_text().splitlines(keepends=True)
        assert lines.count(line) == 1, f"{path} has no such line, or more than one: {line}"
        lines.insert(lines.index(line) + (add["side"] == "below"), step.text)
        path.write_text("".join(lines))
        return "add"
    assert RUN.fullmatch(step.words), f"the page says something else: {step.words}"
    for command in step.text.splitlines():
        run(command, scratch)
    return "run"


def run(command: str, scratch: Path) -> None:
    """Run it in the copy, with nothing of this process' environment."""
    # The environment is this checkout's: its `orderbus` would import this checkout.
    places = {"PATH": os.environ["PATH"], "HOME": str(scratch), "PYTHONPATH": str(scratch)}
    # The templates of a consumer vary those that `make synth` validates.
    environment = {**places, **JSII_CACHE, "CDK_VALIDATION": "false"}
    done = subprocess.run(
        shlex.split(command), cwd=scratch, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"


@pytest.fixture(scope="module")
def done(scratch: Path) -> list[str]:
    """Follow the page in the copy; return the kind of each step."""
    return [follow(step, scratch) for step in steps()]


def test_consumer_from_the_page_handles_an_order(done: list[str], scratch: Path) -> None:
    assert done == ["run", "add", "add", "Replace", "run", "Write", "run"]
    template = scratch / "cdk.out" / "orderbus-dev-loyalty.template.json"
    assert "orderbus-dev-loyalty" in template.read_text()


@pytest.mark.usefixtures("done")
def test_map_fails_when_topology_lacks_the_consumer(scratch: Path) -> None:
    shutil.copy2(ROOT / "infrastructure" / "topology.py", scratch / "infrastructure" / "topology.py")
    with pytest.raises(AssertionError, match=r"FAILED \S+same_facts"):
        run(".venv/bin/python -m pytest -q --tb=no --noconftest tests/architecture/test_map.py", scratch)
