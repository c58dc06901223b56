"""The OpenAPI document, generated from the topology, the contracts and the problems."""
