"""The bridge to Kafka: sends facts to a topic, and takes outside producers' events from another."""
