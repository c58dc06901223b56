"""Parameters, ResultSelector and ItemSelector: JSON in which a name that ends with `.$` is computed.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketcloud.stepfunctions.intrinsics import check_call, evaluate, is_call
from pocketcloud.stepfunctions.json_text import text_of
from pocketcloud.stepfunctions.paths import MISSING, check_path, look, value_at
from pocketcloud.stepfunctions.state_error import RUNTIME, StateError

_COMPUTED = ".$"


def filled(template: Any, document: Any, context: Any) -> Any:
    """Return the template with each computed value; raise StateError if a path finds nothing."""
    if isinstance(template, Mapping):
        return dict(_member(name, value, document, context) for name, value in template.items())
    if isinstance(template, list):
        return [filled(each, document, context) for each in template]
    return template


def computed(text: str, document: Any, context: Any) -> Any:
    """Return the value of a path or of an intrinsic function."""
    return evaluate(text, document, context) if is_call(text) else value_at(text, document, context)


def problems(template: Any) -> Iterator[str]:
    """Yield what is invalid or not supported in a template."""
    if isinstance(template, list):
        for each in template:
            yield from problems(each)
    if not isinstance(template, Mapping):
        return
    for name, value in template.items():
        if not str(name).endswith(_COMPUTED):
            yield from problems(value)
            continue
        try:
            (check_call if is_call(value) else check_path)(value)
        except (ValueError, AttributeError) as error:
            yield f"{name}: {error}"


def _member(name: str, value: Any, document: Any, context: Any) -> tuple[str, Any]:
    if not name.endswith(_COMPUTED):
        return name, filled(value, document, context)
    if not is_call(value) and look(value, document, context) is MISSING:
        cause = (
            f"The JSONPath '{value}' specified for the field '{name}' "
            f"could not be found in the input '{text_of(document)}'"
        )
        raise StateError(RUNTIME, cause)
    return name.removesuffix(_COMPUTED), computed(value, document, context)
