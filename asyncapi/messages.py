"""One message for each version of each fact."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from asyncapi.schema_files import SCHEMAS, SchemaFile, read, schema_files
from asyncapi.schemas import ENVELOPE
from infrastructure.topology import fact


def messages() -> dict[str, Any]:
    """Return the messages by name, such as `OrderCreated.v1`."""
    return {file.name: _message(file) for file in schema_files()}


def _message(file: SchemaFile) -> dict[str, Any]:
    schema = file.schema()
    return {
        "name": file.fact,
        "title": f"{file.fact}, version {file.version}",
        "summary": schema["description"],
        "contentType": "application/cloudevents+json",
        "correlationId": {
            "description": "The conversation: the same for every event of one order.",
            "location": "$message.payload#/correlationid",
        },
        "payload": {"allOf": [{"$ref": f"#/components/schemas/{ENVELOPE}"}, _of_fact(file)]},
        "examples": [{"name": file.fact, "payload": _example(file)}],
        "x-owner": file.owner,
        **_last_day(file),
    }


def _last_day(file: SchemaFile) -> dict[str, str]:
    """Return the last day on which an older version may be published."""
    last_day = fact(file.fact).older_until.get(file.version)
    return {"x-published-until": last_day} if last_day else {}


def _of_fact(file: SchemaFile) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "source": {"const": file.owner},
            "type": {"const": file.fact},
            "dataschema": {"const": file.urn},
            "data": {"$ref": f"#/components/schemas/{file.name}"},
        },
    }


def _example(file: SchemaFile) -> dict[str, Any]:
    """Return the example of the envelope with this fact's example in it."""
    data = file.example()
    subject = next(value for value in data.values() if isinstance(value, str))
    return {
        **read(SCHEMAS / "Envelope.v1.example.json"),
        "id": str(uuid5(NAMESPACE_URL, file.urn)),
        "source": file.owner,
        "type": file.fact,
        "subject": data.get("order_id", subject),
        "dataschema": file.urn,
        "data": data,
    }
