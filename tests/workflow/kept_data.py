"""All that an account keeps, as one text to search for a person."""

import json

from pocketcloud import OfflineCloud


def kept(cloud: OfflineCloud, *, archive: bool = True) -> str:
    """Return all that the account keeps: rows, logs, messages and, if asked for, the archive."""
    tables = [item.to_json() for table in cloud.engine.dynamodb.tables.values() for item in table.all_items()]
    lines = [line.text for log in cloud.services.runtime.logs.values() for line in log]
    archives = cloud.engine.events.archives.values() if archive else ()
    archived = [list(each.events) for each in archives]
    queues = cloud.engine.sqs.queues.values()
    messages = [
        stored.message.body
        for queue in queues
        for stored in cloud.services.queues.store(queue.queue_arn).all()
    ]
    return json.dumps([tables, lines, archived, messages], default=str, ensure_ascii=False)
