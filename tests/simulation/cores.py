"""Long searches on all cores: each core has its own offline cloud, and a stopped search resumes."""

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pocketcloud import OfflineCloud

ROOT = Path(__file__).parents[2]
CODE = ("functions", "infrastructure", "packages/pocketcloud/src", "tests/simulation", "tests/workflow")
_OPEN: list[OfflineCloud] = []


class Part(Protocol):
    """The result of a stretch of the search."""

    done: list[Any]
    broken: dict[str, str]


Stretch = TypeVar("Stretch")
Result = TypeVar("Result", bound=Part)


def on_all_cores(
    work: Callable[[OfflineCloud, Stretch], Result],
    stretches: Sequence[Stretch],
    *,
    what: str,
    done: int,
    total: int,
) -> Iterator[Result]:
    """Yield the result of each stretch as it completes; show progress with the remaining time."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
    )
    context = multiprocessing.get_context("spawn")
    # Each process has an offline cloud of its own: there can be one in a process.
    workers = ProcessPoolExecutor(os.cpu_count(), context, initializer=_open)
    with Progress(*columns) as progress, workers:
        task = progress.add_task(what, total=total, completed=done)
        broken = 0
        for future in as_completed([workers.submit(_execute, work, stretch) for stretch in stretches]):
            part = future.result()
            broken += len(part.broken)
            progress.update(task, advance=len(part.done), description=f"{what}, {broken} broken")
            yield part


def kept(path: Path) -> dict[str, Any]:
    """Return the results of an interrupted search of the same code; empty if there was none."""
    document: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return document if document.pop("code", None) == code_digest() else {}


def keep(path: Path, document: dict[str, Any]) -> None:
    """Write the results with the digest of the code, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps({"code": code_digest(), **document}))
    draft.replace(path)


@cache
def code_digest() -> str:
    """Return a digest of everything that a result depends on; results of other code are discarded."""
    digest = sha256()
    files = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    for path in sorted([ROOT / "cdk.json", ROOT / "requirements" / "dev.txt", *files]):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _open() -> None:
    _OPEN.append(OfflineCloud.start())


def _execute(work: Callable[[OfflineCloud, Stretch], Result], stretch: Stretch) -> Result:
    return work(_OPEN[0], stretch)
