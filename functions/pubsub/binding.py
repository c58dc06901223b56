"""CloudEvents in Pub/Sub's messages.

https://github.com/googleapis/google-cloudevents (the specification of its Pub/Sub binding)
"""

from functions.bridges.cloud_event import Binding

PUBSUB = Binding(prefix="ce-")
