"""The bridges to other brokers: what each sends and what it takes in. No CDK.

A bridge is a folder of `functions/` and a row here; a stage has it if its setting `bridges` has its row.
"""

from infrastructure.services import Service

BRIDGES: tuple[Service, ...] = ()
