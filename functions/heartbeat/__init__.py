"""The heartbeat: places a synthetic order every few minutes, and measures when it was shipped."""
