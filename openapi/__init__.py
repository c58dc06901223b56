"""The OpenAPI document: the HTTP API's public contract, generated from the topology, the contracts and the problems."""
