"""Amazon MQ: queues of RabbitMQ brokers, read by event source mappings."""
