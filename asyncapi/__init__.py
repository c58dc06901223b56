"""The AsyncAPI document of both buses, generated from the topology and the schemas."""
