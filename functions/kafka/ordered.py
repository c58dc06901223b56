"""The Lambda handler of the bridge's shards of the ordered stream."""

from functions.bridges.ordered import ordered_bridge
from functions.kafka.producer import send

handle = ordered_bridge("kafka-ordered", send)
