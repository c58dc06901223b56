"""A release: one build of every stage, to deploy first to dev and then, unchanged, to production."""
