"""API Gateway: HTTP APIs with routes, payloads, CORS and JWT authorizers."""
