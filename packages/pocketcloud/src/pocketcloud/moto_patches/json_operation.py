"""Operations with JSON requests that the offline cloud's own services process."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from pocketcloud.moto_patches.moto_patch import Call

Operation = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


def run_operation(
    name: str, operation: Operation | None, unsupported: Callable[[str], Exception]
) -> Callable[[BaseResponse, Call], ActionResult]:
    """Return moto's method for an operation; without one, it raises `unsupported` with the name."""

    def run(response: BaseResponse, _: Call) -> ActionResult:
        if operation is None:
            raise unsupported(f"{name} is not supported offline")
        result = operation(json.loads(response.body))
        return EmptyResult() if result is None else ActionResult(result)

    return run
