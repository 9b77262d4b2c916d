"""Celery's side: `celery -A celery_tasks worker`, and `python celery_tasks.py NUMBER` to send."""

import os
import sys

import effect
from celery import Celery

app = Celery(broker=os.environ["BENCH_BROKER"])
app.conf.update(
    task_acks_late=True, task_reject_on_worker_lost=True, task_ignore_result=True,
    broker_transport_options={"confirm_publish": True}, broker_connection_retry_on_startup=True,
)


@app.task
def pay(order_id: str) -> None:
    """Pay one order."""
    effect.pay(order_id)


if __name__ == "__main__":
    from celery_tasks import pay as registered  # under its real name, not as __main__

    for number in range(int(sys.argv[1])):
        registered.delay(f"order-{number}")
