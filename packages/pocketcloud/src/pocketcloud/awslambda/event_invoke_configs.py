"""Settings of asynchronous invocations: retries, age and destinations, per function and qualifier.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.awslambda.exceptions import LambdaClientError

from pocketcloud.core.engine import Engine, UnsupportedOfflineError, function_in

_MAXIMUM_ATTEMPTS = 2
_AGE_SECONDS = (60, 21_600)
LATEST = "$LATEST"
SEND_ACTIONS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
}


@dataclass(frozen=True, slots=True)
class EventInvokeSettings:
    """The settings for one qualifier of a function, as the API takes them."""

    options: Mapping[str, Any]
    modified_at: datetime

    @property
    def retries(self) -> int:
        """Attempts after the first."""
        return int(self.options.get("MaximumRetryAttempts", _MAXIMUM_ATTEMPTS))

    @property
    def maximum_age(self) -> timedelta:
        """Maximum age of an event at Lambda."""
        return timedelta(seconds=self.options.get("MaximumEventAgeInSeconds", _AGE_SECONDS[1]))

    def destination(self, condition: str) -> str | None:
        """Return the ARN of `OnSuccess` or `OnFailure`."""
        chosen = (self.options.get("DestinationConfig") or {}).get(condition) or {}
        return chosen.get("Destination") or None


class EventInvokeConfigs:
    """The settings of all functions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._configs: dict[tuple[str, str], EventInvokeSettings] = {}

    def of(self, name: str) -> EventInvokeSettings:
        """Return the settings for an invocation by name or ARN, with its qualifier; or the defaults."""
        found = self._configs.get(_key(name))
        return found or EventInvokeSettings({}, self._engine.clock.now())

    def put(self, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Replace the settings; raise LambdaClientError if Lambda would."""
        self._engine.functions.get_function(name)
        self._check(function_in(name), options)
        self._configs[_key(name)] = EventInvokeSettings(dict(options), self._engine.clock.now())
        return self.show(name)

    def update(self, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Change some of the settings."""
        self.show(name)
        return self.put(name, {**self._configs[_key(name)].options, **options})

    def show(self, name: str) -> dict[str, Any]:
        """Return the settings as the API shows them; raise LambdaClientError if there are none."""
        self._engine.functions.get_function(name)
        function, qualifier = _key(name)
        arn = self._engine.access.location.arn("lambda", f"function:{function}:{qualifier}")
        found = self._configs.get((function, qualifier))
        if found is None:
            raise LambdaClientError(
                "ResourceNotFoundException", f"The function {arn} doesn't have an EventInvokeConfig"
            )
        return {"FunctionArn": arn, "LastModified": found.modified_at.timestamp(), **found.options}

    def delete(self, name: str) -> None:
        """Delete the settings."""
        self.show(name)
        del self._configs[_key(name)]

    def list_of(self, name: str) -> list[dict[str, Any]]:
        """Return the settings for every qualifier of a function."""
        function = function_in(name)
        return [self.show(f"{owner}:{qualifier}") for owner, qualifier in self._configs if owner == function]

    def _check(self, function: str, options: Mapping[str, Any]) -> None:
        low, high = _AGE_SECONDS
        if not 0 <= options.get("MaximumRetryAttempts", 0) <= _MAXIMUM_ATTEMPTS:
            raise _invalid("MaximumRetryAttempts must be from 0 to 2")
        if not low <= options.get("MaximumEventAgeInSeconds", low) <= high:
            raise _invalid(f"MaximumEventAgeInSeconds must be from {low} to {high}")
        for condition, chosen in (options.get("DestinationConfig") or {}).items():
            if arn := (chosen or {}).get("Destination"):
                self._check_destination(function, condition, arn)

    def _check_destination(self, function: str, condition: str, arn: str) -> None:
        service = arn.split(":")[2] if arn.count(":") > 4 else ""  # noqa: PLR2004 - the parts of an ARN
        action = SEND_ACTIONS.get(service)
        if action is None:
            where = f"event invoke config of {function}: {condition} destination {arn}"
            raise UnsupportedOfflineError(f"{where} is not supported offline")
        if arn.endswith(".fifo"):
            raise _invalid(f"The destination ARN {arn} is invalid: FIFO is not supported.")
        if self._engine.access.authorize_function(function, action, arn):
            name = action.partition(":")[2]
            raise _invalid(f"The function's execution role does not have permissions to call {name} on {arn}")


def _key(name: str) -> tuple[str, str]:
    function, _, qualifier = name.rsplit(":function:", 1)[-1].partition(":")
    return function, qualifier or LATEST


def _invalid(message: str) -> LambdaClientError:
    return LambdaClientError("InvalidParameterValueException", message)
