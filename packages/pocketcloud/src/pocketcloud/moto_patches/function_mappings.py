"""Event source mappings: moto stores them, `Mappings` polls."""

import json
from http import HTTPStatus
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend
from moto.awslambda.responses import LambdaResponse

from pocketcloud.awslambda.mapping_access import check_role
from pocketcloud.awslambda.mapping_description import (
    CREATING,
    DELETING,
    DISABLED,
    DISABLING,
    ENABLING,
    UPDATING,
    describe_mapping,
)
from pocketcloud.awslambda.mapping_options import (
    check_kafka,
    check_mapping,
    check_options,
    check_request,
    check_source,
)
from pocketcloud.awslambda.mappings import Mappings
from pocketcloud.awslambda.topic_mapping import create_topic_mapping, is_of_topic
from pocketcloud.core.engine import Engine, function_in
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.mq.broker_mapping import create_broker_mapping, is_broker

RawResponse = tuple[int, dict[str, Any], str]


def patches(engine: Engine, mappings: Mappings) -> list[MotoPatch]:
    """Return the patches to moto's event source mappings."""
    create = LambdaBackend.create_event_source_mapping
    update = LambdaBackend.update_event_source_mapping
    delete = LambdaBackend.delete_event_source_mapping

    def create_event_source_mapping(backend: LambdaBackend, call: Call) -> EventSourceMapping:
        options = call["spec"]
        check_request(options, engine)
        if is_of_topic(options):
            check_kafka(options)
        else:
            check_options(options["EventSourceArn"], options)
            check_source(options["EventSourceArn"], engine, mappings.streams)
        mapping = _stored(backend, options) or create(backend, options)
        try:
            _keep_qualifier(mapping, options["FunctionName"])
            _check_unique(backend, mapping)
            check_mapping(mapping, engine)
            check_role(mapping, engine)
        except LambdaClientError:
            delete(backend, mapping.uuid)
            raise
        mappings.add(mapping)
        return mapping

    def update_event_source_mapping(backend: LambdaBackend, call: Call) -> EventSourceMapping | None:
        mapping = backend.get_event_source_mapping(call["uuid"])
        if mapping is not None:
            check_options(mapping.event_source_arn, call["spec"])
            mapping = update(backend, **call)
        if mapping is not None:
            _keep_qualifier(mapping, call["spec"].get("FunctionName", ""))
            check_mapping(mapping, engine)
        return mapping

    def delete_event_source_mapping(backend: LambdaBackend, call: Call) -> EventSourceMapping | None:
        mappings.remove(call["uuid"])
        return delete(backend, call["uuid"])

    return [
        MotoPatch(LambdaBackend, "create_event_source_mapping", "self spec", create_event_source_mapping),
        MotoPatch(
            LambdaBackend, "update_event_source_mapping", "self uuid spec", update_event_source_mapping
        ),
        MotoPatch(LambdaBackend, "delete_event_source_mapping", "self uuid", delete_event_source_mapping),
        *_response_patches(mappings),
    ]


def _stored(backend: LambdaBackend, options: dict[str, Any]) -> EventSourceMapping | None:
    """Store a mapping from an event source that moto does not know; return None for the others."""
    if is_of_topic(options):
        return create_topic_mapping(backend, options)
    if is_broker(options["EventSourceArn"]):
        return create_broker_mapping(backend, options)
    return None


def _keep_qualifier(mapping: EventSourceMapping, function_name: str) -> None:
    """Make a mapping to an alias follow the alias; moto pins it to the alias's current version."""
    _, qualified, qualifier = function_name.rsplit(":function:", 1)[-1].partition(":")
    if qualified:
        unqualified = mapping.function_arn.split(":")[:7]
        mapping.function_arn = ":".join((*unqualified, qualifier))


def _check_unique(backend: LambdaBackend, mapping: EventSourceMapping) -> None:
    of_source = backend.list_event_source_mappings(mapping.event_source_arn, "")
    same = [other for other in of_source if other.function_arn == mapping.function_arn]
    if len(same) > 1:
        arn, name = mapping.event_source_arn, function_in(mapping.function_arn)
        ends = f'arn (" {arn} ") and function (" {name} ")'
        from_queue = f"An event source mapping with SQS {ends} already exists"
        from_stream = f"The event source {ends} provided mapping already exists"
        conflict = LambdaClientError(
            "ResourceConflictException",
            f"{from_queue if ':sqs:' in arn else from_stream}. Please update or delete the existing mapping"
            f" with UUID {same[0].uuid}",
        )
        conflict.code = HTTPStatus.CONFLICT
        raise conflict


def _response_patches(mappings: Mappings) -> list[MotoPatch]:
    described = EventSourceMapping.get_configuration

    def get_configuration(mapping: EventSourceMapping, _: Call) -> dict[str, Any]:
        return describe_mapping(mapping, described(mapping), mappings.last_result(mapping.uuid))

    def create(response: LambdaResponse, _: Call) -> RawResponse:
        mapping = response.backend.create_event_source_mapping(response.json_body)
        return _respond(mapping, CREATING if mapping.enabled else DISABLED)

    def update(response: LambdaResponse, _: Call) -> RawResponse:
        uuid = response.path.split("/")[-1]
        was_enabled = _existing(response.backend, uuid).enabled
        mapping = response.backend.update_event_source_mapping(uuid, response.json_body)
        is_enabled = mapping is not None and mapping.enabled
        changed = ENABLING if is_enabled else DISABLING
        return _respond(mapping, UPDATING if is_enabled == was_enabled else changed)

    def delete(response: LambdaResponse, _: Call) -> RawResponse:
        uuid = response.path.split("/")[-1]
        _existing(response.backend, uuid)
        return _respond(response.backend.delete_event_source_mapping(uuid), DELETING)

    return [
        MotoPatch(EventSourceMapping, "get_configuration", "self", get_configuration),
        MotoPatch(LambdaResponse, "create_event_source_mapping", "self", create),
        MotoPatch(LambdaResponse, "update_event_source_mapping", "self", update),
        MotoPatch(LambdaResponse, "delete_event_source_mapping", "self", delete),
    ]


def _existing(backend: LambdaBackend, uuid: str) -> EventSourceMapping:
    mapping = backend.get_event_source_mapping(uuid)
    if mapping is None:
        missing = LambdaClientError("ResourceNotFoundException", "The resource you requested does not exist.")
        missing.code = HTTPStatus.NOT_FOUND
        raise missing
    return mapping


def _respond(mapping: EventSourceMapping | None, state: str) -> RawResponse:
    shown = mapping.get_configuration() if mapping is not None else {}
    return HTTPStatus.ACCEPTED, {"status": HTTPStatus.ACCEPTED}, json.dumps({**shown, "State": state})
