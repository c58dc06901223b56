"""`orderbus events tail`: facts as they come."""
