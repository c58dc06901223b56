"""The ordered stream: puts the event log's new rows on a Kinesis stream, each order's in order."""
