"""`orderbus restore`: bring a stage back after its tables were restored from backups (docs/restore.md)."""
