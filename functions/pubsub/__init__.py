"""The bridge to Google Pub/Sub: publishes facts to its topics, and takes in what its subscription pushes."""
