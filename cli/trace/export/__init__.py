"""Spans made from an order's trace, and the formats of viewers: OTLP, Jaeger and Chrome's trace events."""
