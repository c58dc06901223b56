"""`orderbus cost`: what an order costs, from requests counted offline and a dated price list."""
