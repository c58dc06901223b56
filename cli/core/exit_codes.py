"""Exit codes of `orderbus`."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Documented in docs/cli.md, for scripts."""

    OK = 0
    UNEXPECTED = 1
    """A defect; Python's traceback shows where."""
    USAGE = 2
    """The command line, or a file that it names, is invalid."""
    OPEN_ORDERS = 3
    """An order reached no terminal state, or more orders came out than went in."""
    NOT_SYNTHESISED = 4
    """`cdk.out` could not be written or read."""
    NOT_DEPLOYED = 5
    """The offline cloud rejects the template."""
    PORT_IN_USE = 6
    """A port of `orderbus up` is in use."""
    AWS_REFUSED = 7
    """AWS rejected a request, or is unreachable."""
    INCOMPLETE = 8
    """Partly done: the output names facts that could not be read, or messages that stay."""
    UNKNOWN_ORDER = 9
    """The stage has no such order."""
    IN_ALARM = 10
    """`orderbus status --check` found an alarm in ALARM."""
    REFUSED = 11
    """The HTTP API rejected the request; the output has the reason."""
    OUTPUT_FAILED = 12
    """Standard output could not be written: the disk is full, or it is closed. The work may be done."""
    INCOMPATIBLE = 13
    """A schema breaks a consumer of its released versions, or may break one."""
    TOOL_MISSING = 14
    """A program that the command runs is not installed, or fails."""
    INTERRUPTED = 130
    """Ctrl-C before any change; a shell's own code for it."""
    UNREAD = 141
    """The reader of standard output is gone; a shell's own code for it. The work may be done."""
