"""Orders: create orders from the HTTP API and from partners, then confirm, cancel or complete them."""
