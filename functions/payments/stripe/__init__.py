"""Stripe: the payment gateway, over HTTP, and the signatures of its webhooks."""
