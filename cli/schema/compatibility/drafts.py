"""The keywords that each draft of JSON Schema asserts.

https://json-schema.org/draft-04/draft-fge-json-schema-validation-00,
https://json-schema.org/draft-07/draft-handrews-json-schema-validation-01
"""

from enum import Enum

_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_STRINGS = ("minLength", "maxLength", "pattern", "format")
_ARRAYS = ("items", "additionalItems", "minItems", "maxItems", "uniqueItems")
_NAMES = ("properties", "patternProperties", "additionalProperties", "required", "dependencies")
_OBJECTS = (*_NAMES, "minProperties", "maxProperties")
_ANY = ("type", "enum", "allOf", "anyOf", "oneOf", "not")
_DRAFT_4 = frozenset((*_ANY, *_NUMBERS, *_STRINGS, *_ARRAYS, *_OBJECTS))
_DRAFT_6 = _DRAFT_4 | {"const", "contains", "propertyNames"}


class Draft(Enum):
    """A draft whose keywords are understood."""

    DRAFT_4 = _DRAFT_4
    DRAFT_6 = _DRAFT_6
    DRAFT_7 = _DRAFT_6 | {"if", "then", "else"}

    @property
    def integers_are_spelled(self) -> bool:
        """Whether `1.0` is a number and no integer: in draft 4 the spelling decides."""
        return self is Draft.DRAFT_4


BY_URI = {
    "http://json-schema.org/draft-04/schema": Draft.DRAFT_4,
    "http://json-schema.org/draft-06/schema": Draft.DRAFT_6,
    "http://json-schema.org/draft-07/schema": Draft.DRAFT_7,
}


def draft_of(schema: object) -> Draft | None:
    """Return the draft that a schema names, draft 7 if it names none, and None if it is another one."""
    uri = schema.get("$schema") if isinstance(schema, dict) else None
    return Draft.DRAFT_7 if uri is None else BY_URI.get(str(uri).rstrip("#"))
