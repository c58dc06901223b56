"""Choices for one synthesis, from the context: `cdk deploy -c NAME=VALUE`."""

import os

from constructs import Construct

from infrastructure.application import Stage
from infrastructure.regions import missing_services
from infrastructure.settings import Settings

ALL = "all"


class UnknownChoiceError(ValueError):
    """A value in the context is none of those that it may have."""


class UnfinishedStageError(ValueError):
    """A stage for production has settings that suit development only."""


class UnsupportedRegionError(ValueError):
    """The region lacks an AWS service that the stage cannot do without."""


def region_of(scope: Construct) -> str | None:
    """Return the region of this synthesis: `-c region=`, or the one of the CDK command line, or None.

    https://docs.aws.amazon.com/cdk/v2/guide/configure-env.html
    """
    return scope.node.try_get_context("region") or os.environ.get("CDK_DEFAULT_REGION")


def reject_region(scope: Construct, stage: Stage) -> None:
    """Raise if the region lacks a service that the stage needs; the schema registry is optional."""
    region = region_of(scope)
    if missing := missing_services(stage, region):
        faults = "; ".join(f"{service}: {advice}" for service, advice in missing.items())
        raise UnsupportedRegionError(
            f"stage {stage.name!r} cannot run in {region}, which lacks {faults}."
            " If AWS has added it, remove the region from infrastructure/regions.py"
        )


def ignores_alarms(scope: Construct) -> bool:
    """Whether the context says `-c ignore_alarms=true`: deploy through firing alarms, without a rollback."""
    chosen = scope.node.try_get_context("ignore_alarms") or "false"
    if chosen not in {"true", "false"}:
        raise UnknownChoiceError(f"-c ignore_alarms={chosen}: use true or false")
    return bool(chosen == "true")


def reject_unfinished(scope: Construct, settings: Settings) -> None:
    """Raise for each unfinished setting that `-c allow_unfinished=NAME,NAME` or `=all` does not allow."""
    allowed = _allowed(scope, settings)
    faults = [f"{name}: {fault}" for name, fault in settings.unfinished.items() if name not in allowed]
    if faults:
        raise UnfinishedStageError(
            f"stage {settings.name!r} is not ready for production. {'; '.join(faults)}."
            " To synthesize it nevertheless, add -c allow_unfinished= with the settings' names, or all"
        )


def _allowed(scope: Construct, settings: Settings) -> set[str]:
    chosen = scope.node.try_get_context("allow_unfinished")
    names = set(str(chosen).split(",")) if chosen else set()  # cdk.json may have any type
    known = set(settings.__struct_fields__)
    if names == {ALL}:
        return known
    if unknown := sorted(names - known):
        raise UnknownChoiceError(f"-c allow_unfinished={','.join(unknown)}: name settings, or all")
    return names
