"""Step Functions: state machines."""

import json
import re
from typing import Any

from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

_SUBSTITUTION = re.compile(r"\$\{(?P<name>\w+)\}")


def _create_machine(request: CreateRequest) -> Created:
    name = request.name("StateMachineName", max_characters=80)
    arn = request.client("stepfunctions").create_state_machine(
        name=name,
        definition=definition_of(request),
        roleArn=request.properties["RoleArn"],
        type=request.properties.get("StateMachineType", "STANDARD"),
    )["stateMachineArn"]
    return Created(ref=arn, attributes={"Arn": arn, "Name": name})


def definition_of(request: CreateRequest) -> str:
    """Return the definition with its substitutions."""
    given: Any = request.properties.get("DefinitionString", request.properties.get("Definition"))
    text = given if isinstance(given, str) else json.dumps(given)
    values = request.properties.get("DefinitionSubstitutions", {})
    return _SUBSTITUTION.sub(lambda found: str(values.get(found["name"], found[0])), text)


TYPES = (
    ResourceType(
        name="AWS::StepFunctions::StateMachine",
        create=_create_machine,
        supported=frozenset(
            {
                "Definition",
                "DefinitionString",
                "DefinitionSubstitutions",
                "RoleArn",
                "StateMachineName",
                "StateMachineType",
            }
        ),
        ignored={
            **TAGS,
            "LoggingConfiguration": "the history and the journal show every execution",
            "TracingConfiguration": "X-Ray is not supported; the journal records every hop",
        },
        values={"StateMachineType": frozenset({"EXPRESS", "STANDARD"})},
        not_enforced="quotas; an express execution is kept like a standard one",
    ),
)
