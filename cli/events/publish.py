"""`orderbus events validate` and `put`: check documents, and put them on the ingress bus."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.events.event_file import (
    UnusableFileError,
    Verdict,
    documents_in,
    is_from_outside,
    verdict_on,
    with_time,
)
from functions.shared.contracts.codec import read_envelope
from functions.shared.runtime.event_batches import batched, entry_size

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

FORMATS = "Use one CloudEvents document, a JSON array of them, or one per line."
AGAIN = f"Some events may be on the bus; put the same file again: an event is handled once. {LOOK}"


def validate_events(file: Path, *, now: datetime, as_json: bool) -> ExitCode:
    """Print for each document whether Orderbus accepts it now, without an AWS request."""
    verdicts = _verdicts(_read(file, now), now)
    _print(verdicts, as_json=as_json)
    return ExitCode.USAGE if any(verdict.code for verdict in verdicts) else ExitCode.OK


def put_events(account: Account, file: Path, *, now: datetime, as_json: bool) -> ExitCode:
    """Put every document on the ingress bus if all are valid; print the ones that it rejects."""
    documents = _read(file, now)
    verdicts = _verdicts(documents, now)
    bad = [verdict for verdict in verdicts if verdict.code]
    if bad:
        raise CommandError(
            f"{file} was not put: {len(bad)} of its {len(documents)} documents are invalid.\n"
            + "\n".join(map(str, bad)),
            hint="Nothing was put. Correct them, and check with `orderbus events validate`.",
            code=ExitCode.USAGE,
        )
    for document, verdict in zip(documents, verdicts, strict=True):
        if not is_from_outside(document):
            raise CommandError(
                f"{file} was not put: document {verdict.number} is a fact of Orderbus's own services.",
                hint="Nothing was put. The ingress bus accepts partners' facts only.",
                code=ExitCode.USAGE,
            )
    with aws_errors(hint=AGAIN):
        done = list(_put(account, documents, verdicts))
    _print(done, as_json=as_json)
    return ExitCode.INCOMPLETE if any(verdict.code for verdict in done) else ExitCode.OK


def _put(account: Account, documents: Sequence[str], verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """Yield every entry's result: PutEvents succeeds even if it rejects some entries."""
    events, bus = account.client("events"), account.names.ingress_bus
    remaining = iter(verdicts)
    for batch in batched([_entry(document, bus) for document in documents], entry_size):
        response = events.put_events(Entries=batch)
        for result, verdict in zip(response["Entries"], remaining, strict=False):  # longer: next batch
            yield replace(verdict, code=result.get("ErrorCode", ""), detail=result.get("ErrorMessage", ""))


def _entry(document: str, bus: str) -> "PutEventsRequestEntryTypeDef":
    envelope = read_envelope(document)
    return {
        "EventBusName": bus,
        "Source": envelope.source,
        "DetailType": envelope.type,
        "Detail": document,
    }


def _verdicts(documents: Sequence[str], now: datetime) -> list[Verdict]:
    return [verdict_on(document, number, now) for number, document in enumerate(documents, start=1)]


def _read(file: Path, now: datetime) -> list[str]:
    try:
        return [with_time(document, now) for document in documents_in(file)]
    except (OSError, UnicodeDecodeError, UnusableFileError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else _reason(error)
        raise CommandError(f"{file} cannot be used: {reason}.", hint=FORMATS, code=ExitCode.USAGE) from error


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _print(verdicts: Sequence[Verdict], *, as_json: bool) -> None:
    if as_json:
        write_json([verdict.as_json() for verdict in verdicts])
        return
    console = terminal()
    for verdict in verdicts:
        console.print(str(verdict), style="red" if verdict.code else None)
