"""Reports through RabbitMQ, on a node of its own: one consumer, beside a bare one that stores as many at once."""

import json
from collections.abc import Callable, Sequence
from itertools import count, islice
from threading import Event
from time import monotonic

import pika
from sqlalchemy import func, select

from app.models.failure import failures
from app.services.queue_intake import receive_reports
from app.workers.consumer import BATCH
from bench import reports
from bench.floors import amqp as floor
from bench.floors.intake import open_floor
from bench.grounds import Ground
from bench.rounds import Round, Series, in_turns
from bench.table import Line
from messaging import INTAKE, Delivery, Verdict
from tests.messaging.rabbitmq_node import RabbitNode, running_node

MESSAGES, SINGLES = 2_000, 200  # in a round


def measure(ground: Ground, rounds: int, quick: bool) -> list[Line]:
    """Fill the queues and let one consumer after the other empty its own, in turns; filling is not measured."""
    with running_node(ground.folder / "node") as node:
        place = ground.desk("desk", DLO_BROKER_URL=node.url)
        desk, store, numbers = place.open(), open_floor(ground.database("floor")), count()
        floor.declare(node.url)

        def bare() -> Round:
            _fill(node, floor.QUEUE, islice(numbers, MESSAGES))
            return _timed(MESSAGES, lambda: floor.consume(node.url, store, MESSAGES, BATCH))

        def ours(number: int, batch: int) -> Callable[[], Round]:
            def consume() -> Round:
                _fill(node, INTAKE, islice(numbers, number))
                stop, left = Event(), [number]

                def take(deliveries: Sequence[Delivery]) -> Sequence[Verdict]:
                    verdicts = receive_reports(desk, deliveries)
                    left[0] -= len(deliveries)
                    if left[0] <= 0:
                        stop.set()
                    return verdicts

                return _timed(number, lambda: desk.broker.consume([INTAKE], take, stop=stop, batch=batch))

            return consume

        desk.broker.ping()  # declares
        measured = in_turns({"bare": bare, "ours": ours(MESSAGES, BATCH), "one by one": ours(SINGLES, 1)}, rounds)
        with desk.store.read() as session:
            stored = session.scalar(select(func.count()).select_from(failures)) or 0
        desk.close()
        store.close()
    return _lines(measured, (rounds + 1) * (MESSAGES + SINGLES) - stored)


def _lines(measured: dict[str, Series], missing: int) -> list[Line]:
    ours, single = measured["ours"], measured["one by one"]
    return [
        Line("reports through RabbitMQ, per second", ours.rate, measured["bare"].rate, least=0.5),
        Line("    against ours, stored one by one", ours.rate, single.rate, least=5),
        Line("    reports acknowledged but not stored", missing, most=0),
    ]


def _fill(node: RabbitNode, queue: str, numbers: "islice[int]") -> None:
    with node.channel() as channel:
        channel.confirm_delivery()  # without it some of these are lost, and their consumer would wait for ever
        for number in numbers:
            properties = pika.BasicProperties(message_id=f"key-{number}", delivery_mode=2)
            channel.basic_publish("", queue, json.dumps(reports.report(number)).encode(), properties, mandatory=True)


def _timed(number: int, consume: Callable[[], None]) -> Round:
    begun = monotonic()
    consume()
    return Round(number, monotonic() - begun)
