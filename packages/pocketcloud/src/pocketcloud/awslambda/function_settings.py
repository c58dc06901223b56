"""Settings of functions that moto does not keep or check: dead-letter queue, log format and runtime."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import LambdaFunction

from pocketcloud.core.engine import UnsupportedOfflineError

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


def check_runtime(request: Mapping[str, Any]) -> None:
    """Raise UnsupportedOfflineError for code that is no Python: it would never run."""
    if request.get("PackageType", "Zip") != "Zip":
        raise UnsupportedOfflineError("functions from container images are not supported offline")
    runtime = request.get("Runtime", "python")
    if not runtime.startswith("python"):
        raise UnsupportedOfflineError(f"the runtime {runtime} is not supported offline, only Python")


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
