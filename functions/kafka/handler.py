"""The Lambda handler of the bridge's queue."""

from functions.bridges.outbound import bridge
from functions.kafka.producer import send

handle = bridge("kafka", send)
