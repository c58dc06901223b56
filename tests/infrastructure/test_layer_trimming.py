"""The layer omits data of other services from the packages, and unused imports."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infrastructure.orderbus import ORDERBUS
from infrastructure.packaging.botocore_data import UnknownServiceError, keep_services
from infrastructure.packaging.deferred_imports import NotDeferrableError, defer_imports
from infrastructure.packaging.lazy_package import NotOnlyImportsError, make_lazy

LAYER = ORDERBUS.bundles.layer() / "python"
DATA = LAYER / "botocore" / "data"


def test_layer_has_the_data_of_the_called_services_only() -> None:
    assert {path.name for path in DATA.iterdir() if path.is_dir()} == ORDERBUS.bundles.aws_services
    assert not list(DATA.rglob("*.gz"))
    assert not list(DATA.rglob("examples*"))


def test_endpoints_keep_every_partition_and_region() -> None:
    endpoints = json.loads((DATA / "endpoints.json").read_text())
    regions = {name for partition in endpoints["partitions"] for name in partition["regions"]}
    assert {"eu-west-1", "us-gov-west-1", "cn-north-1"} <= regions
    assert all(set(each["services"]) <= ORDERBUS.bundles.aws_services for each in endpoints["partitions"])


def test_unknown_service_is_rejected_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(UnknownServiceError, match="no service named orders"):
        keep_services(tmp_path, {"orders"})


def python(program: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-c", program],  # -B: the layer is deployed as it is
        env={"PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def package(folder: Path, init: str) -> Path:
    made = folder / "made"
    made.mkdir()
    (made / "__init__.py").write_text(init)
    (made / "used.py").write_text("print('used')\ndef f(): return 1\n")
    (made / "unused.py").write_text("print('unused')\ndef g(): return 2\n")
    (made / "same.py").write_text("def same(): return 3\n")
    return made


INIT = '''"""Words."""
from .used import f as first
from made.unused import g
from made.same import same
__all__ = ["first", "g", "same"]
'''


def test_lazy_package_imports_only_what_is_asked_for(tmp_path: Path) -> None:
    make_lazy(package(tmp_path, INIT))
    done = python("from made import first; print(first())", tmp_path)
    assert done.stdout.split() == ["used", "1"], done.stderr


def test_lazy_package_exports_what_it_did_before(tmp_path: Path) -> None:
    make_lazy(package(tmp_path, INIT))
    program = (
        "import made.same; from made import *; print(first(), g(), same()); import made; print(made.__doc__)"
    )
    assert python(program, tmp_path).stdout.split() == ["used", "unused", "1", "2", "3", "Words."]
    missing = python("import made; made.nothing", tmp_path)
    assert "module 'made' has no attribute 'nothing'" in missing.stderr


def test_package_that_does_more_is_not_made_lazy(tmp_path: Path) -> None:
    with pytest.raises(NotOnlyImportsError, match=r"__init__.py, line 2"):
        make_lazy(package(tmp_path, "from .used import f\nf()\n"))


CLIENT = """
import os, sys
os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
from botocore.session import Session
client = Session().create_client("dynamodb", aws_access_key_id="a", aws_secret_access_key="b")
print(sorted({"html.parser", "importlib.metadata", "botocore.docs.service"} & set(sys.modules)))
print("put_item" in str(client.put_item.__doc__))
"""


def test_client_imports_no_documentation_until_it_is_read() -> None:
    done = python(CLIENT, LAYER)
    assert done.stdout.split("\n") == ["[]", "True", ""], done.stderr


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import os\n", "does not import json at its top"),
        ("from json import loads\nX = loads('1')\n", "needs loads when it is imported"),
        ("from json import loads\ndef f(x=loads('1')):\n    return loads(x)\n", "needs loads"),
    ],
    ids=["absent", "at the top", "in a default"],
)
def test_import_stays_when_it_is_needed_at_once(tmp_path: Path, source: str, reason: str) -> None:
    file = tmp_path / "module.py"
    file.write_text(source)
    with pytest.raises(NotDeferrableError, match=reason):
        defer_imports(file, ["json"])
