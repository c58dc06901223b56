"""The OpenAPI document: the HTTP API's public contract, made from the map, the contracts and the problems."""
