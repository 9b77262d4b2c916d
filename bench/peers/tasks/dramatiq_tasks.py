"""Dramatiq's side: `dramatiq dramatiq_tasks`, and `python dramatiq_tasks.py NUMBER` to send."""

import os
import sys

import dramatiq
import effect
from dramatiq.brokers.rabbitmq import RabbitmqBroker

dramatiq.set_broker(RabbitmqBroker(url=os.environ["BENCH_BROKER"], confirm_delivery=True))


@dramatiq.actor
def pay(order_id: str) -> None:
    """Pay one order."""
    effect.pay(order_id)


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        pay.send(f"order-{number}")
