"""Let a function enrich a pipe's batch before it goes to the target.

https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-enrichment.html
"""

import json
from dataclasses import replace

from moto.awslambda.exceptions import LambdaClientError

from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import Engine
from pocketcloud.eventbridge.pipe_access import PIPES
from pocketcloud.eventbridge.pipe_batch import PipeBatch, PipeItem
from pocketcloud.eventbridge.pipe_template import documents
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import role


class Enrichment:
    """Invokes the function of a pipe with each batch, as the pipe's role."""

    def __init__(self, engine: Engine, runtime: Runtime) -> None:
        self._engine = engine
        self._runtime = runtime

    def enriched(self, batch: PipeBatch) -> PipeBatch | None:
        """Return the batch that the function responds with; None if there is nothing to send.

        DeliveryError if the role may not invoke it, or if it fails.
        """
        arn = str(batch.pipe.enrichment)
        request = AccessRequest("lambda:InvokeFunction", arn)
        if denial := self._engine.access.authorize(role(batch.pipe.role_arn, PIPES), request):
            raise DeliveryError("NO_PERMISSIONS", str(denial))
        try:
            self._engine.functions.get_function(arn)
        except LambdaClientError:
            raise DeliveryError("NO_RESOURCE", f"{arn} does not exist") from None
        template = (batch.pipe.enrichment_parameters or {}).get("InputTemplate")
        given = [json.loads(text) for text in documents(batch, template, self._engine.clock.now())]
        result = self._runtime.invoke(arn, given)
        if result.error is not None:
            raise DeliveryError("ENRICHMENT", str(result.error))
        return _batch_of(result.payload, batch) if result.payload else None


def _batch_of(response: object, batch: PipeBatch) -> PipeBatch:
    """Return the response as a batch; its items have no ids of the source's records."""
    records = response if isinstance(response, list) else [response]
    is_one_to_one = len(records) == len(batch.items)
    events = [item.event for item in batch.items] if is_one_to_one else [None] * len(records)
    items = [
        PipeItem(str(number), event, record)
        for number, (event, record) in enumerate(zip(events, records, strict=True))
    ]
    return replace(batch, items=items, is_enriched=True, is_single=not isinstance(response, list))
