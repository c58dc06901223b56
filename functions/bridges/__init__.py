"""Shared code of the bridges to other brokers: CloudEvents' bindings, outbound and inbound."""
