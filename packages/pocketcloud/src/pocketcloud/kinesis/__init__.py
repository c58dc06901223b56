"""Kinesis Data Streams: an ordered log in shards, with its limits in virtual time."""
