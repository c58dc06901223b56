"""Fill the placeholders of an input template, of a rule's target or of a pipe.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Callable


def filled(template: str, placeholder: re.Pattern[str], value_of: Callable[[str], object]) -> str:
    """Return the filled template: compact JSON, or a text if the template is a quoted text.

    `placeholder` has the group `name`; a value of None is missing. ValueError if the result is not JSON.
    """
    if template.lstrip().startswith('"'):
        return placeholder.sub(lambda found: _in_text(value_of(found["name"])), template)

    def value(found: re.Match[str]) -> str:
        known = value_of(found["name"])
        known = "" if known is None else known
        text = compact_json(known)
        # Within a quoted string, only a text is escaped: an object there makes the JSON invalid, as on AWS.
        is_escaped = isinstance(known, str) and _is_inside_string(template, found.start())
        return text[1:-1] if is_escaped else text

    text = placeholder.sub(value, template)
    try:
        return compact_json(json.loads(text))
    except ValueError as error:
        raise ValueError(f"the filled input template is not JSON: {text[:200]}") from error


def compact_json(value: object) -> str:
    """Return the value as JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _in_text(value: object) -> str:
    """Return a value within a template that is a text: an object loses its quotation marks."""
    if value is None or isinstance(value, str):
        return compact_json(value or "")[1:-1]
    return compact_json(value).replace('"', "")


def _is_inside_string(template: str, position: int) -> bool:
    return template[:position].replace("\\\\", "").replace('\\"', "").count('"') % 2 == 1
