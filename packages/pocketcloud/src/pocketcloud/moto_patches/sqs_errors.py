"""SQS's errors in the form of each protocol, where moto's differ from AWS's."""

from typing import Any

from moto.core.serialize import BaseJSONSerializer, BaseXMLSerializer

from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_JSON_TYPES = {
    "InvalidParameterValue": "com.amazon.coral.service#InvalidParameterValueException",
}
_STATUSES = {"ResourceNotFoundException": 404}


def patches() -> list[MotoPatch]:
    """Return the patches to moto's serializers of errors."""
    code_of = vars(BaseJSONSerializer)["_get_protocol_specific_error_code"]
    respond = vars(BaseJSONSerializer)["_serialized_error_to_response"]
    describe = vars(BaseXMLSerializer)["_serialize_error_metadata"]

    def error_code(serializer: BaseJSONSerializer, call: Call) -> str:
        code: str = code_of(serializer, call["error"])
        return _JSON_TYPES.get(call["error"].error_code, code) if _is_sqs(serializer) else code

    def response(serializer: BaseJSONSerializer, call: Call) -> Any:
        result = respond(serializer, **call)
        if _is_sqs(serializer):
            result["status_code"] = _STATUSES.get(call["shape"].error_code, result["status_code"])
        return result

    def metadata(serializer: BaseXMLSerializer, call: Call) -> None:
        describe(serializer, **call)
        if _is_sqs(serializer):
            # The model's own message would be a second one.
            call["serialized"].pop("message", None)

    return [
        MotoPatch(BaseJSONSerializer, "_get_protocol_specific_error_code", "self error", error_code),
        MotoPatch(
            BaseJSONSerializer,
            "_serialized_error_to_response",
            "self resp error shape serialized_error",
            response,
        ),
        MotoPatch(BaseXMLSerializer, "_serialize_error_metadata", "self serialized error shape", metadata),
    ]


def _is_sqs(serializer: BaseJSONSerializer | BaseXMLSerializer) -> bool:
    return serializer.service_model.service_name == "sqs"
