"""What the exit code of `orderbus` says."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Documented in docs/cli.md; a script may rely on them."""

    OK = 0
    UNEXPECTED = 1
    """A defect: Python's own traceback says where."""
    USAGE = 2
    """The command line or a file it names cannot be used."""
    OPEN_ORDERS = 3
    """An order reached no terminal state, or more orders came out than went in."""
    NOT_SYNTHESISED = 4
    """`cdk.out` could not be written or read."""
    NOT_DEPLOYED = 5
    """The template holds something the offline cloud refuses."""
    PORT_IN_USE = 6
    """`orderbus up` could not have its port."""
    AWS_REFUSED = 7
    """AWS refused a request, or could not be reached."""
    INCOMPLETE = 8
    """Done, but not all of it: facts that could not be read, or dead letters that stay, are named."""
    UNKNOWN_ORDER = 9
    """There is no such order on this stage."""
    ALARM_RINGS = 10
    """`orderbus status --check` found an alarm ringing."""
    REFUSED = 11
    """The HTTP API refused the request, and says why."""
    OUTPUT_FAILED = 12
    """Standard output could not be written: its disk is full, or it is closed. The work may be done."""
    INTERRUPTED = 130
    """Ctrl-C, where nothing was under way that could be half done; a shell's own code for it."""
    UNREAD = 141
    """Nobody reads the standard output any more; a shell's own code for it. What was to be done may be."""
