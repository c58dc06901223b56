"""Live analytics: figures per minute of event time, from the ordered stream."""
