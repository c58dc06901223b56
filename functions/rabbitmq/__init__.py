"""The bridge to RabbitMQ: sends facts to a topic exchange, and takes in events from a queue."""
