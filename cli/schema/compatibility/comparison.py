"""Compare two schemas: a proof, an instance that divides them, or neither."""

from functools import partial
from itertools import islice

from cli.schema.compatibility.inclusion import Inclusion
from cli.schema.compatibility.obligation import Unproved
from cli.schema.compatibility.sampling import samples
from cli.schema.compatibility.subschema import SchemaDocument, Subschema
from cli.schema.compatibility.verdict import Broken, Comparison, Compatible, Node, UndecidableError, Unknown

MAXIMUM_CANDIDATES = 500
"""Instances tried for one failure."""


def accepts_all(writer: Node, reader: Node, *, strict: bool = False) -> Comparison:
    """Return whether the reader accepts every instance of the writer.

    Unless `strict`, a name that an open object of the writer does not declare is reserved: never written.
    """
    try:
        left, right = _whole(writer), _whole(reader)
        failures = _failures(left, right, strict=strict)
        if not failures:
            return Compatible()
        found = _dividing(left, right, failures)
    except UndecidableError as error:
        return Unknown(str(error))
    except RecursionError:
        return Unknown("the schemas are nested too deeply")
    return found or Unknown("; ".join(dict.fromkeys(_said(failure) for failure in failures)))


def _whole(schema: Node) -> Subschema:
    return Subschema(SchemaDocument(schema), schema)


def _failures(left: Subschema, right: Subschema, *, strict: bool) -> list[Unproved]:
    try:
        if len({side.document.draft.integers_are_spelled for side in (left, right)}) > 1:
            return [Unproved("the schemas are written in drafts with different integers")]
        return Inclusion(reserved=not strict).failures((left,), right)
    except UndecidableError as error:
        return [Unproved(str(error))]


def _dividing(left: Subschema, right: Subschema, failures: list[Unproved]) -> Broken | None:
    """Return an instance that the writer's validator accepts and the reader's rejects."""
    for failure in (*failures, Unproved("the reader rejects it", partial(samples, (left,)))):
        for instance in islice(failure.candidates(), MAXIMUM_CANDIDATES):
            if left.accepts(instance) and not right.accepts(instance):
                return Broken(instance, failure.path, failure.reason)
    return None


def _said(failure: Unproved) -> str:
    where = "".join(f"/{step}" for step in failure.path)
    return f"{where}: {failure.reason}" if where else failure.reason
