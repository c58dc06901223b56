"""Dead letters that are alike: of one hop, for one reason, with one fact in one schema."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.dlq.event_label import UNREADABLE
from cli.dlq.message import REDRIVEN, DeadLetter, Format


@dataclass(frozen=True, slots=True, order=True)
class Alike:
    """What letters of a group have in common."""

    consumer: str
    reason: str
    format: Format
    fact: str
    schema: str


Groups = Mapping[Alike, Sequence[DeadLetter]]


def grouped(letters: Iterable[DeadLetter]) -> Groups:
    """The letters by what they have in common; in each group the oldest first."""
    groups: defaultdict[Alike, list[DeadLetter]] = defaultdict(list)
    for letter in sorted(letters, key=lambda letter: letter.sent_at):
        label = letter.label
        alike = Alike(letter.box.hop.name, letter.reason, letter.format, label.type, label.dataschema)
        groups[alike].append(letter)
    return dict(sorted(groups.items()))


def groups_as_json(groups: Groups) -> list[dict[str, Any]]:
    """The groups for a script, without anything of an event but its name."""
    return [
        {
            "consumer": alike.consumer,
            "reason": alike.reason,
            "format": alike.format,
            "fact": alike.fact,
            "schema": alike.schema,
            "count": len(letters),
            "oldest": letters[0].sent_at.isoformat(),
            "redriven": max(letter.redriven for letter in letters),
            "messages": [letter.message_id for letter in letters],
        }
        for alike, letters in groups.items()
    ]


def shown(letter: DeadLetter, way: str) -> dict[str, Any]:
    """All there is to know of one letter, its event included."""
    return {
        "message_id": letter.message_id,
        "queue": letter.box.arn.rpartition(":")[2],
        "consumer": letter.box.hop.name,
        "format": letter.format,
        "reason": letter.reason,
        "fact": letter.label.type,
        "schema": letter.label.dataschema,
        "event_id": letter.label.id,
        "order": letter.label.order,
        "sent_at": letter.sent_at.isoformat(),
        "redriven": letter.redriven,
        "last_action": letter.attributes.get(REDRIVEN, UNREADABLE).partition("/")[0],
        "goes_back_to": way,
        "attributes": dict(letter.attributes),
        "body": letter.body,
    }
