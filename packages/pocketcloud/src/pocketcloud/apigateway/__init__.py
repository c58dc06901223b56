"""API Gateway: HTTP APIs, their routes, payloads and JWT authorizers."""
