"""`orderbus events`: validate, publish and follow events."""
