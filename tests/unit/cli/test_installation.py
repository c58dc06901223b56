"""Orderbus and the offline cloud can be installed as packages, without a checkout."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements" / "dev.txt"
UV = Path(sys.executable).parent / "uv"


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command with no trace of this checkout in its environment."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheels, built as `pip install` builds them."""
    folder = tmp_path_factory.mktemp("wheels")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    run(*pip, "--wheel-dir", folder, ROOT, *(ROOT / "packages").iterdir(), cwd=folder)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment into which the wheels and what they declare were installed."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    run(UV, "venv", "--quiet", "--python", sys.executable, folder, cwd=folder.parent)
    # The lock decides versions only; what is installed is what the wheels declare.
    pins = folder.parent / "pins.txt"
    pins.write_text("\n".join(re.findall(r"^[a-z0-9][^\\\n]*==[^\\\n]*", LOCK.read_text(), re.MULTILINE)))
    python = folder / "bin" / "python"
    try:
        run(UV, "pip", "install", "--quiet", "--python", python, "--constraint", pins, *wheels, cwd=folder)
    except AssertionError:  # as scripts/install does: pip knows its own configuration
        pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--constraint", pins)
        run(*pip, *wheels, cwd=folder)
    return folder


def test_installed_command_runs_outside_the_checkout(environment: Path, tmp_path: Path) -> None:
    orderbus = environment / "bin" / "orderbus"
    commands = run(orderbus, "--help", cwd=tmp_path)
    assert {"demo", "status", "trace", "dlq", "replay"} <= set(commands.split())
    assert re.fullmatch(r"orderbus \d+\.\d+\.\d+\n", run(orderbus, "--version", cwd=tmp_path))


def test_installed_command_reads_its_schemas(environment: Path, tmp_path: Path) -> None:
    checkout = ROOT / "docs" / "examples" / "checkouts.json"
    validated = run(environment / "bin" / "orderbus", "events", "validate", checkout, cwd=tmp_path)
    assert validated.endswith("CheckoutCompleted:2 ok\n")


def test_checkout_command_runs_the_checkout(tmp_path: Path) -> None:
    """An editable install holds no copy, which would get out of date."""
    script = "import orderbus; print(orderbus.__file__)"
    assert run(sys.executable, "-c", script, cwd=tmp_path).strip() == str(ROOT / "orderbus.py")


def test_wheel_has_one_name_in_site_packages(wheels: list[Path]) -> None:
    for wheel, name in zip(wheels, ("orderbus", "orderbus_client", "pocketcloud"), strict=True):
        with zipfile.ZipFile(wheel) as archive:
            tops = {entry.partition("/")[0] for entry in archive.namelist()}
        assert {top for top in tops if not top.endswith(".dist-info")} == {name}


def test_wheel_holds_what_a_deployment_needs(wheels: list[Path]) -> None:
    with zipfile.ZipFile(wheels[0]) as archive:
        held = set(archive.namelist())
    for name in (
        "app.py",
        "cdk.json",
        "cli",
        "functions",
        "infrastructure",
        "schemas",
        "requirements/lambda.txt",
    ):
        sources = [ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*.*")
        wanted = {
            f"orderbus/{path.relative_to(ROOT).as_posix()}"
            for path in sources
            if path.is_file() and path.suffix != ".pyc"
        }
        assert wanted <= held
