"""Strategies: pairs of related schemas, and instances near them."""

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "c1", "d"])
PATTERNS = st.sampled_from(["^a", "b$", "^[ab]{1,3}$", "^(a|bb)*$", "^[^a]+$", "1", "^.$", "^a(?!\\n)$"])
SCALARS = st.sampled_from([None, True, False, 0, 1, 2, -1, 1.0, 0.5, 1.5, "", "a", "b", "ab", "aab", "a\n"])
SMALL = st.integers(0, 3)


def instances() -> st.SearchStrategy[Any]:
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=6,
    )


def _some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def _bounded(draft_4: bool) -> st.SearchStrategy[dict[str, Any]]:
    numbers = {"minimum": st.integers(-2, 2), "maximum": st.integers(-1, 3)}
    multiples = {"multipleOf": st.sampled_from([1, 2, 3, 0.5])}
    if draft_4:
        inclusive = _some(numbers | multiples)
        exclusive = st.fixed_dictionaries(numbers | {"exclusiveMinimum": st.booleans()})
        return inclusive | exclusive
    exclusives = {"exclusiveMinimum": st.integers(-2, 2), "exclusiveMaximum": st.integers(-1, 3)}
    return _some(numbers | multiples | exclusives)


def _texts() -> st.SearchStrategy[dict[str, Any]]:
    return _some({"minLength": SMALL, "maxLength": SMALL, "pattern": PATTERNS})


def _lists(inner: st.SearchStrategy[Any], draft_4: bool) -> st.SearchStrategy[dict[str, Any]]:
    tuples = st.lists(inner, min_size=1, max_size=2)
    fields = {
        "items": inner | tuples,
        "additionalItems": inner | st.booleans(),
        "minItems": SMALL,
        "maxItems": SMALL,
        "uniqueItems": st.booleans(),
    }
    return _some(fields if draft_4 else fields | {"contains": inner})


def _records(inner: st.SearchStrategy[Any], draft_4: bool) -> st.SearchStrategy[dict[str, Any]]:
    needed = st.lists(NAMES, min_size=1, max_size=2, unique=True)
    fields = {
        "properties": st.dictionaries(NAMES, inner, max_size=2),
        "patternProperties": st.dictionaries(st.sampled_from(["^[ab]", "1$"]), inner, max_size=1),
        "additionalProperties": inner | st.booleans(),
        "required": needed,
        "minProperties": SMALL,
        "maxProperties": SMALL,
        "dependencies": st.dictionaries(NAMES, needed | inner, max_size=1),
    }
    return _some(fields if draft_4 else fields | {"propertyNames": inner})


def _typed(kinds: list[str], fields: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(st.sampled_from(kinds), fields).map(lambda both: {"type": both[0], **both[1]}) | fields


def _combined(inner: st.SearchStrategy[Any], draft_4: bool) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(inner, min_size=1, max_size=2)
    fields = {"allOf": several, "anyOf": several, "oneOf": several, "not": inner}
    alternatives = [st.fixed_dictionaries({name: each}) for name, each in fields.items()]
    condition = st.fixed_dictionaries({"if": inner}, optional={"then": inner, "else": inner})
    return st.one_of(*alternatives, *([] if draft_4 else [condition]))


def schemas(*, draft_4: bool) -> st.SearchStrategy[Any]:
    listed = st.lists(
        SCALARS, min_size=1, max_size=3, unique_by=lambda value: (str(value), type(value) is bool)
    )
    leaves = (
        _typed(["integer", "number"], _bounded(draft_4))
        | _typed(["string"], _texts())
        | st.sampled_from([{"type": each} for each in ("null", "boolean", "integer", "number", "string")])
        | st.just({"type": ["string", "null"]})
        | st.just({"$ref": "#"} if draft_4 else {"$ref": "#/definitions/node"})
        | listed.map(lambda values: {"enum": values})
    )
    return st.recursive(
        leaves,
        lambda inner: (
            _typed(["array"], _lists(inner, draft_4))
            | _typed(["object"], _records(inner, draft_4))
            | _combined(inner, draft_4)
        ),
        max_leaves=5,
    )


@st.composite
def pairs(draw: st.DrawFn, *, draft_4: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Generate two schemas: unrelated ones, or one with a part of it replaced, removed or combined."""
    old = draw(schemas(draft_4=draft_4).filter(lambda schema: isinstance(schema, dict)))
    new = draw(st.just(old).flatmap(lambda schema: _edited(schema, draft_4)) | schemas(draft_4=draft_4))
    return _whole(old, draft_4), _whole(new, draft_4)


def _edited(schema: dict[str, Any], draft_4: bool) -> st.SearchStrategy[dict[str, Any]]:
    if not schema:
        return schemas(draft_4=draft_4)
    name = st.sampled_from(sorted(schema))
    other = schemas(draft_4=draft_4)
    return (
        name.map(lambda each: {key: value for key, value in schema.items() if key != each})
        | other.map(lambda each: {**schema, **each})
        | other.map(lambda each: {"anyOf": [schema, each]})
        | other.map(lambda each: {"allOf": [each, schema]})
    )


def _whole(schema: dict[str, Any], draft_4: bool) -> dict[str, Any]:
    if draft_4:
        return {"$schema": "http://json-schema.org/draft-04/schema#", **schema}
    node = {"type": "object", "properties": {"a": {"$ref": "#/definitions/node"}, "b": {"type": "integer"}}}
    return {**schema, "definitions": {"node": node}}
