"""Views: the read model, projected from facts: a customer's orders, and what was sold on a day."""
