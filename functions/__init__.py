"""Everything that runs in Lambda; it imports nothing outside this package."""
