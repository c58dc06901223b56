"""A placeholder for a resource whose type is not supported."""

from collections.abc import Iterable, Iterator, Mapping

from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest

_SERVICES = {"KinesisFirehose": "firehose"}
"""Services whose ARNs name them in another way than their resource types."""


class StubAttributes(Mapping[str, str]):
    """Any attribute of a placeholder: its ARN, or a text that names the attribute."""

    def __init__(self, name: str, arn: str) -> None:
        self._name = name
        self._arn = arn

    def __getitem__(self, attribute: str) -> str:
        return self._arn if attribute.endswith("Arn") else f"{self._name}.{attribute}"

    def __iter__(self) -> Iterator[str]:
        return iter(("Arn",))

    def __len__(self) -> int:
        return 1

    def __contains__(self, attribute: object) -> bool:
        return isinstance(attribute, str)


def create_stub(request: CreateRequest, kind: str, supported: Iterable[str]) -> Created:
    """Create a placeholder, which can only be referred to; `supported` are the types of real resources."""
    account = request.account
    name = account.generated_name(request.stack, request.logical_id, max_characters=64)
    *_, service, resource = kind.split("::")
    own = _SERVICES.get(service, service.lower())
    arn = account.arn(own, f"{resource[0].lower()}{resource[1:]}:{name}")
    is_shared = any(each.startswith(f"AWS::{service}::") for each in supported)
    place = f"{request.stack}/{request.logical_id} ({kind})"
    account.stubs.add(name, place, service=None if is_shared else service)
    return Created(ref=name, attributes=StubAttributes(name, arn))
