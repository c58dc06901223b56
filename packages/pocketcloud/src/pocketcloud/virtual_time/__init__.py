"""Virtual time: the clock, the seeded scheduler and latencies."""
