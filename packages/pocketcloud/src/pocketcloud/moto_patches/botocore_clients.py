"""Share between botocore's clients what it derives from a service's model, and never changes.

A cold sandbox makes its own clients. botocore would resolve all shapes, make a class for each error and
parse the rules of endpoints again for each: more work than the function's import.
"""

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

import botocore.regions
from botocore.client import BaseClient, ClientCreator
from botocore.endpoint_provider import EndpointProvider
from botocore.errorfactory import ClientExceptionsFactory
from botocore.httpsession import URLLib3Session, create_urllib3_context
from botocore.model import ServiceModel

from pocketcloud.moto_patches.moto_patch import MotoPatch

_Methods = dict[str, Callable[..., Any]]
_EXCEPTIONS: dict[ServiceModel, Any] = {}
_PAGINATORS: dict[tuple[ServiceModel, str], tuple[type[Any], dict[str, Any]]] = {}
_METHODS: dict[ServiceModel, _Methods] = {}
_MODELS: dict[tuple[int, str], tuple[ServiceModel, Any]] = {}
"""By the identity of the loaded document, which is kept beside the model: a freed one's could recur."""
_PROVIDERS: dict[tuple[int, int, frozenset[str]], tuple[EndpointProvider, Any, Any]] = {}
"""By the identities of the documents, kept as above."""


def patches() -> list[MotoPatch]:
    """Return the patches of what a client is made of."""
    exceptions: Callable[..., Any] = vars(ClientExceptionsFactory)["_create_client_exceptions"]
    methods: Callable[..., _Methods] = vars(ClientCreator)["_create_methods"]

    def create_exceptions(factory: ClientExceptionsFactory, service_model: ServiceModel) -> Any:
        if service_model not in _EXCEPTIONS:
            _EXCEPTIONS[service_model] = exceptions(factory, service_model)
        return _EXCEPTIONS[service_model]

    def create_methods(creator: ClientCreator, service_model: ServiceModel) -> _Methods:
        if service_model not in _METHODS:
            _METHODS[service_model] = methods(creator, service_model)
        return dict(_METHODS[service_model])

    return [
        _paginator(),
        MotoPatch(URLLib3Session, "_get_ssl_context", "self", _ssl_context, is_direct=True),
        MotoPatch(
            ClientExceptionsFactory,
            "_create_client_exceptions",
            "self service_model",
            create_exceptions,
            is_direct=True,
        ),
        MotoPatch(ClientCreator, "_create_methods", "self service_model", create_methods, is_direct=True),
        MotoPatch(
            ClientCreator, "_load_service_model", "self service_name api_version", _model, is_direct=True
        ),
        MotoPatch(
            botocore.regions,
            "EndpointProvider",
            "ruleset_data partition_data excluded_params",
            _provider,
            is_direct=True,
        ),
    ]


def _paginator() -> MotoPatch:
    """Make the class of an operation's paginator, and parse its JMESPath expressions, once."""
    original: Callable[..., Any] = vars(BaseClient)["get_paginator"]

    def get_paginator(client: BaseClient, operation_name: str) -> Any:
        key = client.meta.service_model, operation_name
        if key not in _PAGINATORS:
            made = original(client, operation_name)
            _PAGINATORS[key] = type(made), {**vars(made), "_method": None}
        kind, state = _PAGINATORS[key]
        paginator = object.__new__(kind)
        vars(paginator).update(state, _method=getattr(client, operation_name))
        return paginator

    return MotoPatch(BaseClient, "get_paginator", "self operation_name", get_paginator, is_direct=True)


def _ssl_context(_: URLLib3Session) -> object:
    """Share a context between all clients: none opens a connection, as moto responds to every request."""
    return _shared_ssl_context()


@cache
def _shared_ssl_context() -> object:
    return create_urllib3_context()


def _model(creator: ClientCreator, service_name: str, api_version: str | None = None) -> ServiceModel:
    loader: Any = vars(creator)["_loader"]
    document = loader.load_service_model(service_name, "service-2", api_version=api_version)
    key = id(document), service_name
    if key not in _MODELS:
        _MODELS[key] = ServiceModel(document, service_name=service_name), document
    return _MODELS[key][0]


def _provider(
    ruleset_data: Any, partition_data: Any, excluded_params: Collection[str] | None = None
) -> EndpointProvider:
    key = id(ruleset_data), id(partition_data), frozenset(excluded_params or ())
    if key not in _PROVIDERS:
        provider = EndpointProvider(ruleset_data, partition_data, excluded_params)
        _PROVIDERS[key] = provider, ruleset_data, partition_data
    return _PROVIDERS[key][0]
