"""The tests run the same in every shell, with any settings for AWS, a terminal or Orderbus."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis_profile import ignore_times
from shell_settings import hide_shell_settings

from cli.demo.synthesis import current_assembly

if TYPE_CHECKING:
    from tests.shared_cloud import SharedCloud

_SHARED = pytest.StashKey["SharedCloud"]()
_BORROWERS = pytest.StashKey[set[Path]]()
GC_THRESHOLD = (20_000, 20, 20)
"""Python's defaults collect garbage so often that it takes a twentieth of the tests' time.
https://docs.python.org/3/library/gc.html#gc.freeze"""
_FIRST = ("test_distribution.py", "test_stacks.py", "test_checkouts.py", "test_up.py")
"""At the end one of the longest would keep one process busy while the others have nothing to do; the last two
wait most of their time, which mypy uses."""
_RUNS_MYPY = "test_add_a_consumer.py"
"""It starts once the mypy beside the tests has filled the cache, which saves most of its time."""
_OF_ALL_SERVICES = ("endpoints", "partitions")
"""botocore's files that no service changes while it loads them."""
_OURS = ("ORDERBUS_STAGE", "ORDERBUS_TARGET", "ORDERBUS_TOKEN", "ORDERBUS_URL")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Limit the cases of each test where they would repeat what another run has shown."""
    parser.addoption("--cases", type=int, metavar="N", help="run at most N cases of each test")


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the environment, name Orderbus's contracts, and synthesize what the tests deploy."""
    ignore_times()
    patch = hide_shell_settings(config, *_OURS)
    patch.setenv("CONTRACTS", "functions.contracts.registry")
    patch.setattr(JSONFileLoader, "load_file", read_once(JSONFileLoader.load_file))
    if not hasattr(config, "workerinput"):
        current_assembly()  # once, before the processes that run the tests start


def read_once(load_file: Callable[[JSONFileLoader, str], Any]) -> Callable[[JSONFileLoader, str], Any]:
    """Read AWS's endpoints, which moto lets each test's first client read again, once per process."""
    read = cache(lambda path: load_file(JSONFileLoader(), path))

    def loaded(loader: JSONFileLoader, path: str) -> Any:
        return read(path) if Path(path).name in _OF_ALL_SERVICES else load_file(loader, path)

    return loaded


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was imported and collected; it has found none there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)


def pytest_unconfigure() -> None:
    """Collect what the tests left once, before pytest does it five times."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_cloud(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["SharedCloud"]:
    """The offline cloud of this process: the stage `dev`, with every alarm."""
    from tests.assemblies import dev_with  # noqa: PLC0415 - starts Node
    from tests.shared_cloud import SharedCloud  # noqa: PLC0415 - moto reads the environment when imported

    shared = request.config.stash[_SHARED] = SharedCloud(dev_with(tmp_path_factory))
    yield shared
    shared.close()


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Run some files first, then those that share the cloud, which any other file closes."""
    if (most := session.config.getoption("--cases")) is not None:
        _keep_first_cases(session.config, items, most)
    borrowers = {item.path for item in items if "shared_cloud" in getattr(item, "fixturenames", ())}
    items.sort(
        key=lambda item: (
            item.path.name not in _FIRST,
            item.path not in borrowers,
            item.path.name != _RUNS_MYPY,
        )
    )
    session.stash[_BORROWERS] = borrowers


def _keep_first_cases(config: pytest.Config, items: list[pytest.Item], most: int) -> None:
    seen: Counter[str] = Counter()
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        test = item.nodeid.partition("[")[0]
        (kept if seen[test] < most else dropped).append(item)
        seen[test] += 1
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close the shared cloud before a file that does without it: that file may open an account of its own."""
    shared = item.config.stash.get(_SHARED, None)
    if shared and (nextitem is None or nextitem.path not in item.session.stash[_BORROWERS]):
        shared.close()
