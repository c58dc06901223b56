"""Load tests of a deployed stage, with pass criteria: docs/scale.md."""
