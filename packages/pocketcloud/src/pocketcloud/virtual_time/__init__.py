"""Virtual time: clock, seeded scheduler and latencies."""
