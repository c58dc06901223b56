"""Events that AWS services put on the default bus or send to targets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pocketcloud.core.identifiers import new_identifier
from pocketcloud.iam.access_request import AccountRegion


def service_event(  # noqa: PLR0913 - all fields of an event
    place: AccountRegion,
    at: datetime,
    *,
    source: str,
    kind: str,
    resource: str,
    detail: Mapping[str, Any] | str,
    identifier: str | None = None,
) -> dict[str, Any]:
    """Return the event of a service about one resource; `kind` is its detail-type.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
    """
    return {
        "version": "0",
        "id": identifier or new_identifier(),
        "detail-type": kind,
        "source": source,
        "account": place.account,
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "region": place.region,
        "resources": [resource],
        "detail": detail,
    }
