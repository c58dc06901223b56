"""`--set path=value`: a value at a path of an event."""

import json
import re
from dataclasses import dataclass
from typing import Any, Self

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*|\[[0-9]+\])*")
_STEP = re.compile(r"([A-Za-z_]\w*)|\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One `--set`."""

    path: tuple[str | int, ...]
    value: Any

    @classmethod
    def of(cls, text: str) -> Self:
        """Parse `data.lines[0].quantity=2`; a value that is no JSON is a string.

        Raises:
            CommandError: it has no path or no value.
        """
        path, equals, value = text.partition("=")
        if not equals or not _PATH.fullmatch(path):
            raise CommandError(
                f"--set {text} is not path=value.",
                hint="For example --set data.lines[0].quantity=2.",
                code=ExitCode.USAGE,
            )
        steps = [name or int(index) for name, index in _STEP.findall(path)]
        try:
            return cls(tuple(steps), json.loads(value))
        except ValueError:
            return cls(tuple(steps), value)

    def apply(self, event: dict[str, Any]) -> None:
        """Set the value; raise CommandError if the path leads nowhere."""
        place: Any = event
        try:
            for step in self.path[:-1]:
                place = place[step]
            if isinstance(place, list) and self.path[-1] == len(place):
                place.append(self.value)
            else:
                place[self.path[-1]] = self.value
        except (KeyError, IndexError, TypeError):
            shown = ".".join(map(str, self.path))
            hint = "Add --full, or set what contains it."
            raise CommandError(f"The event has no place {shown}.", hint=hint, code=ExitCode.USAGE) from None
