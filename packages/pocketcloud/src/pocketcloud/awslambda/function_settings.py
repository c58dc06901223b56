"""Settings of functions that moto does not keep: the dead-letter queue and the log format."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import LambdaFunction

_KEY = "pocketcloud_settings"
_WITHOUT_PLATFORM_LINES = frozenset({"WARN"})


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """The settings, as the Lambda API takes them."""

    dead_letter: Mapping[str, Any]
    logging: Mapping[str, Any]

    @property
    def dead_letter_arn(self) -> str | None:
        """Queue or topic for events that failed all asynchronous attempts."""
        return self.dead_letter.get("TargetArn") or None

    @property
    def logs_json(self) -> bool:
        """Whether the platform's lines are JSON."""
        return self.logging.get("LogFormat") == "JSON"

    @property
    def logs_platform(self) -> bool:
        """Whether START, END and REPORT are logged."""
        return self.logging.get("SystemLogLevel") not in _WITHOUT_PLATFORM_LINES


_DEFAULT = FunctionSettings({}, {})


def settings_of(function: LambdaFunction) -> FunctionSettings:
    """Return the settings of a function or a published version."""
    found: FunctionSettings = vars(function).get(_KEY, _DEFAULT)
    return found


def remember_settings(function: LambdaFunction, request: Mapping[str, Any]) -> None:
    """Keep the settings of a request that creates or updates the function."""
    known = settings_of(function)
    vars(function)[_KEY] = FunctionSettings(
        request.get("DeadLetterConfig", known.dead_letter), request.get("LoggingConfig", known.logging)
    )
