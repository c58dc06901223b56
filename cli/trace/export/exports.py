"""The destinations of a command's spans."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.core.account import Account
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.trace.export.files import chrome, jaeger
from cli.trace.export.otlp import send
from cli.trace.export.spans import spans_of
from cli.trace.trace import Trace
from functions.otlp.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Exports:
    """The destinations that the options name."""

    otlp: str | None = None
    jaeger: Path | None = None
    chrome: Path | None = None

    def export(self, account: Account, trace: Trace) -> list[str]:
        """Export the trace to each destination, and return a line about each."""
        if not (self.otlp or self.jaeger or self.chrome):
            return []
        spans = spans_of(trace, account.names)
        done = []
        for path, format_of in ((self.jaeger, jaeger), (self.chrome, chrome)):
            if path:
                _write(path, format_of(spans))
                done.append(f"{_count(spans)} written to {path}")
        if self.otlp:
            send(account, self.otlp, spans)
            done.append(f"{_count(spans)} sent to {self.otlp}")
        return done


def _count(spans: Sequence[Span]) -> str:
    return f"{len(spans)} spans" if len(spans) != 1 else "1 span"


def _write(path: Path, document: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{path} cannot be written: {error.strerror}.",
            hint="Name a file in a folder that exists.",
            code=ExitCode.USAGE,
        ) from error
