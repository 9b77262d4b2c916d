"""The floor of intake by message: bare pika, as many stored in a transaction as were fetched, then acknowledged."""

import pika
from sqlalchemy import insert

from bench.floors.intake import Report, reports, row_of
from storage import Store

QUEUE = "bench.floor"


def declare(url: str) -> None:
    """Declare the queue."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        connection.channel().queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})


def consume(url: str, store: Store, number: int, batch: int) -> None:
    """Store and acknowledge so many messages."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=batch)
        rows: list[dict[str, object]] = []
        for method, _properties, body in channel.consume(QUEUE):
            rows.append(row_of(Report.model_validate_json(body)))
            number -= 1
            if len(rows) == batch or number == 0:
                with store.connect() as database:
                    database.execute(insert(reports), rows)
                channel.basic_ack(method.delivery_tag, multiple=True)
                rows = []
            if number == 0:
                return
