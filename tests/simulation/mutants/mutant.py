"""A classic mistake: a change of the real code, deployed as a new version behind the same aliases."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infrastructure.names import LIVE
from pocketcloud import OfflineCloud
from tests.simulation.run import Outcome, Run


class StaleMutantError(AssertionError):
    """The code has changed and the mutant does not apply any more: rewrite it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One place in one file of `functions/`."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake that a good team could make."""

    name: str
    edits: tuple[Edit, ...]
    found_by_seed: int = 0
    """A seed that finds it soon; `python -m tests.simulation.mutants` prints the new one."""
    budget: int = 200
    """Seeds within which it has to be found."""
    run: type[Run] = Run
    """The kind of run that finds it; its cloud has the settings for it."""

    @contextmanager
    def deployed(self, cloud: OfflineCloud) -> Iterator[None]:
        """Deploy the mistake to every function that has the code, until the block ends."""
        functions = cloud.client("lambda")
        live: dict[str, str] = {}
        for name in sorted({function.function_name for function in cloud.engine.functions.list_functions()}):
            version = functions.get_alias(FunctionName=name, Name=LIVE)["FunctionVersion"]
            changed = self._changed(cloud.engine.functions.get_function(f"{name}:{version}").code_bytes)
            if changed is None:
                continue
            live[name] = version
            functions.update_function_code(FunctionName=name, ZipFile=changed)
            version = functions.publish_version(FunctionName=name)["Version"]
            functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)
        if not live:
            raise StaleMutantError(f"no function has the code of {self.name}")
        try:
            yield
        finally:
            for name, version in live.items():
                functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)

    def killed_in(self, cloud: OfflineCloud) -> Outcome | None:
        """Return the first run that breaks an invariant, or None when no seed of the budget does."""
        runs = (self._run(cloud, seed) for seed in range(self.budget))
        return next((outcome for outcome in runs if outcome.violation), None)

    def killed_again_in(self, cloud: OfflineCloud) -> Outcome | None:
        """Run the seed that found the mutant; search all seeds when the code has changed since."""
        outcome = self._run(cloud, self.found_by_seed)
        return outcome if outcome.violation else self.killed_in(cloud)

    def _run(self, cloud: OfflineCloud, seed: int) -> Outcome:
        return self.run(cloud, seed, thorough=True).outcome()

    def _changed(self, code: bytes) -> bytes | None:
        """Return the bundle with the mistake; None if it has none of the files."""
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            files = {entry: archive.read(entry.filename) for entry in archive.infolist()}
        if self.edits[0].path not in {entry.filename for entry in files}:
            return None
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for entry, content in files.items():
                archive.writestr(entry, self._edited(entry.filename, content.decode()))
        return target.getvalue()

    def _edited(self, path: str, text: str) -> str:
        for edit in self.edits:
            if edit.path == path:
                if text.count(edit.old) != 1:
                    raise StaleMutantError(f"{self.name}: {path} must have {edit.old!r} exactly once")
                text = text.replace(edit.old, edit.new)
        return text
