"""Views: the read model, projected from facts: orders of a customer and sales of a day."""
