"""`orderbus dlq`: dead letters looked at, put back, mended or thrown away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import Action, Deed, Trail
from cli.core.errors import CommandError
from cli.core.event_names import refuse_unheard_of
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal
from cli.dlq import amendment, render
from cli.dlq.amendment import Amended, UnusableAmendmentError
from cli.dlq.destinations import NotTakenError, NoWayBackError, Way, WaysBack
from cli.dlq.execution import CarryingOut, Outcome
from cli.dlq.message import DeadLetter
from cli.dlq.purge_file import keeping
from cli.dlq.queues import LetterBox, letter_boxes
from cli.dlq.search import Found, Plan, look, plan
from cli.dlq.selection import Selection
from functions.shared.runtime.plausibility import Arrival

AGAIN = (
    "Nothing is lost: run the same command again. What came back already may come twice, and changes nothing."
)
NAMED = "`orderbus dlq ls` names them; the beginning of an id is enough, if no other begins so."
POINTERS = "Say --set /data/lines/0/quantity=2, or --file with the whole event. Nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for, and with what the asker brings along."""

    selection: Selection
    limit: int
    as_json: bool = False
    sure: bool = False
    action_id: str = ""
    pause: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What to change in an event."""

    settings: tuple[str, ...] = ()
    file: Path | None = None


def list_letters(account: Account, wish: Wish) -> ExitCode:
    """Say what dead letters there are, by what they have in common."""
    found = _look(account, wish)
    render.say_groups(found, as_json=wish.as_json)
    return ExitCode.INCOMPLETE if found.in_flight else ExitCode.OK


def show_letter(account: Account, wish: Wish) -> ExitCode:
    """Say all there is to know of one dead letter."""
    letter = _only(_look(account, wish), wish)
    with aws_errors(hint=LOOK):
        try:
            way = WaysBack(account).of(letter).to
        except NoWayBackError as reason:
            way = f"nowhere: {reason}"
    render.say_letter(letter, way, as_json=wish.as_json)
    return ExitCode.OK


def redrive(account: Account, wish: Wish) -> ExitCode:
    """Put letters back where they failed, or say where they would go."""
    found = _look(account, wish)
    with aws_errors(hint=LOOK):
        made = plan(found.letters, WaysBack(account, wish.pause).of)
    outcome = _carried_out(account, wish, Deed.REDRIVE, made)
    return _say(wish, Deed.REDRIVE, made, found, outcome)


def edit(account: Account, wish: Wish, change: Amendment) -> ExitCode:
    """Put one letter back with its event changed, or say what would change."""
    found = _look(account, wish)
    letter = _only(found, wish)
    try:
        way = _way_of_edited(account, letter)
        arrival = Arrival.in_queue(letter.box.arn, at=wish.selection.now)
        document = _text(change.file)
        changed = amendment.amended(letter.body, arrival, settings=change.settings, document=document)
    except NoWayBackError as reason:
        raise CommandError(
            f"{letter.message_id} cannot be edited: {reason}.",
            hint="A letter of a consumer can.",
            code=ExitCode.USAGE,
        ) from reason
    except UnusableAmendmentError as error:
        raise CommandError(str(error), hint=POINTERS, code=ExitCode.USAGE) from error
    if not wish.as_json:
        render.say_changes(changed.changes)
    made = Plan(ways={letter.message_id: _edited(way, changed)}, letters=[letter])
    difference = render.changes_as_json(changed.changes)
    outcome = _carried_out(account, wish, Deed.EDIT, made, difference=difference)
    return _say(wish, Deed.EDIT, made, found, outcome)


def purge(account: Account, wish: Wish, file: Path) -> ExitCode:
    """Write letters to a file and delete them, or say which they would be."""
    found = _look(account, wish)
    if not wish.sure:
        return _say(wish, Deed.PURGE, Plan(letters=list(found.letters)), found, Outcome())
    try:
        with keeping(file) as kept:
            made = plan(found.letters, kept.way)
            outcome = _carried_out(account, wish, Deed.PURGE, made)
    except OSError as error:
        raise CommandError(
            f"{file} cannot be written: {error.strerror}.",
            hint="What was not written is still in its dead-letter queue. Choose another --to.",
            code=ExitCode.USAGE,
        ) from error
    # Not above: standard output may fail as well as the file, and says nothing about it.
    return _say(wish, Deed.PURGE, made, found, outcome)


def _look(account: Account, wish: Wish) -> Found:
    with aws_errors(hint=LOOK), terminal(stderr=True).progress() as show:
        sqs = account.client("sqs")
        boxes = _boxes(letter_boxes(sqs, account.names), wish.selection.consumer)
        found = look(sqs, boxes, wish.selection, limit=wish.limit, said=show)
    if not found.letters and wish.selection.fact is not None:
        # A dead letter may call itself what it likes; where none does, the name is a slip.
        refuse_unheard_of(wish.selection.fact)
    if found.letters and wish.selection.message is not None:
        # The one that is meant is there: what others have in hand is another.
        return replace(found, in_flight={})
    return found


def _boxes(boxes: list[LetterBox], consumer: str | None) -> list[LetterBox]:
    wanted = [box for box in boxes if consumer in {None, box.hop.name}]
    if not wanted:
        raise CommandError(
            f"{consumer} keeps no dead letters.",
            hint=f"--consumer is one of {', '.join(box.hop.name for box in boxes)}.",
            code=ExitCode.USAGE,
        )
    return wanted


def _only(found: Found, wish: Wish) -> DeadLetter:
    """The one letter that is meant."""
    if len(found.letters) != 1:
        raise CommandError(
            f"{len(found.letters) or 'No'} dead letters have an id that begins {wish.selection.message}.",
            hint=" ".join((*render.unseen(found), NAMED)),
            code=ExitCode.USAGE,
        )
    return found.letters[0]


def _carried_out(account: Account, wish: Wish, deed: Deed, made: Plan, *, difference: str = "") -> Outcome:
    """What came of the plan, which is carried out if that is wanted."""
    outcome = Outcome()
    if not wish.sure or not made.letters:
        return outcome
    with aws_errors(hint=AGAIN):
        trail = _trail(account, wish, deed)
        trail.begin(str(wish.selection), len(made.letters))
    with _stop_said(deed, len(made.letters), outcome), terminal(stderr=True).progress() as show:
        CarryingOut(
            sqs=account.client("sqs"),
            plan=made,
            trail=trail,
            pause=wish.pause,
            said=lambda now: show(f"{len(now.done)} of {len(made.letters)} done"),
            difference=difference,
            outcome=outcome,
        ).run()
    return outcome


def _say(wish: Wish, deed: Deed, made: Plan, found: Found, outcome: Outcome) -> ExitCode:
    """Say what was or would be done; answers with which code the command ends."""
    said = render.Said(deed=deed, plan=made, outcome=outcome, found=found, action_id=wish.action_id)
    render.say_outcome(said, done=wish.sure, as_json=wish.as_json)
    is_whole = not (made.left or outcome.not_met or outcome.not_deleted or found.in_flight)
    return ExitCode.OK if is_whole or not wish.sure else ExitCode.INCOMPLETE


def _trail(account: Account, wish: Wish, deed: Deed) -> Trail:
    action = Action(id=wish.action_id, deed=deed, by=account.caller, at=wish.selection.now)
    return Trail(dynamodb=account.client("dynamodb"), names=account.names, action=action)


def _way_of_edited(account: Account, letter: DeadLetter) -> Way:
    with aws_errors(hint=LOOK):
        way = WaysBack(account).of(letter)
    if not way.takes_edited:
        raise NoWayBackError("what goes there is not this letter's own text, or goes to everybody")
    return way


def _edited(way: Way, changed: Amended) -> Way:
    """The same way for a letter that says something else than the one in the queue."""
    return replace(way, send=lambda letter, tag: way.send(replace(letter, body=changed.body), tag))


def _text(file: Path | None) -> str | None:
    try:
        return None if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UnusableAmendmentError(f"{file} cannot be read: {why}.") from error


@contextmanager
def _stop_said(deed: Deed, planned: int, outcome: Outcome) -> Iterator[None]:
    """What stops an action half-way, and how far it came, in one sentence."""
    try:
        with aws_errors(hint=AGAIN):
            yield
    except (KeyboardInterrupt, NotTakenError, CommandError) as stopped:
        why = str(stopped) or "it was interrupted."
        is_interrupted = isinstance(stopped, KeyboardInterrupt)
        raise CommandError(
            f"{len(outcome.done)} of {planned} {render.DONE[deed]}, then: {why}",
            hint=stopped.hint if isinstance(stopped, CommandError) else AGAIN,
            code=ExitCode.INCOMPLETE if is_interrupted else ExitCode.AWS_REFUSED,
        ) from stopped
