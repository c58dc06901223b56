"""`orderbus stream delete-view`: names of views, and the rows that nobody reads any more."""

import re
from collections.abc import Mapping
from typing import Any

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from functions.analytics.store import FigureTable
from functions.analytics.views import (
    CHECKPOINT,
    FIRST_VIEW,
    REPLAY,
    VIEWS,
    ShownViews,
    checkpoint_scope,
    view_of_scope,
)

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
RESERVED = frozenset({FIRST_VIEW, CHECKPOINT, REPLAY, VIEWS})


def require_new(view: str, shown: ShownViews) -> None:
    """Raise CommandError if a view cannot be built under this name."""
    if not NAME.fullmatch(view) or view in RESERVED:
        hint = f"Use a-z, digits and hyphens, a-z first, but none of {', '.join(sorted(RESERVED))}."
        raise CommandError(f"{view!r} cannot name a new view.", hint=hint, code=ExitCode.USAGE)
    if view in shown.starts.values():
        hint = "Build the figures under another name."
        raise CommandError(f"View {view} is shown already.", hint=hint, code=ExitCode.USAGE)


def delete_view(account: Account, view: str, *, confirmed: bool, as_json: bool) -> ExitCode:
    """Delete the rows of a view that are not shown; without confirmation count them."""
    table, dynamodb = account.names.table("analytics", "analytics"), account.client("dynamodb")
    with aws_errors(hint=LOOK):
        shown = FigureTable(dynamodb, table, account.names.event_log).views()
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=table,
            ProjectionExpression="#scope, #position",
            ExpressionAttributeNames={"#scope": "scope", "#position": "position"},
            ConsistentRead=True,
        )
        keys = [row for page in pages for row in page["Items"] if is_unused(row, view, shown)]
        for key in keys if confirmed else []:
            dynamodb.delete_item(TableName=table, Key=key)
    report = {"view": view, "rows": len(keys), "deleted": len(keys) if confirmed else 0}
    if as_json:
        write_json(report)
    else:
        terminal().print(f"{view}: {len(keys)} rows are not shown, {report['deleted']} deleted.")
    return ExitCode.OK


def is_unused(row: Mapping[str, Any], view: str, shown: ShownViews) -> bool:
    """Return whether a row belongs to the view, and nobody reads it."""
    scope, position = str(row["scope"]["S"]), str(row["position"]["S"])
    if scope == REPLAY:
        return position == view
    if scope in {VIEWS, CHECKPOINT} or view_of_scope(scope) != view:
        return False
    return scope == checkpoint_scope(view) or shown.of(position) != view
