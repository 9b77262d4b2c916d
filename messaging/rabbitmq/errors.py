"""What pika raises, as what the broker's protocol names."""

from collections.abc import Iterator
from contextlib import contextmanager

from pika.exceptions import AMQPError, ChannelClosedByBroker, NackError, UnroutableError

from messaging.broker import BrokerUnavailable, QueueDiffers, Refused, Unroutable

PRECONDITION_FAILED = 406


@contextmanager
def named_errors() -> Iterator[None]:
    """Raise what went wrong under the protocol's names; whatever is not an answer is BrokerUnavailable."""
    try:
        yield
    except UnroutableError as error:
        raise Unroutable("there is no such queue at the broker") from error
    except NackError as error:
        raise Refused("the broker does not take it: its queue is full, or has no leader now") from error
    except (AMQPError, OSError) as error:
        raise BrokerUnavailable(f"RabbitMQ: {words(error)}") from error


def words(error: BaseException) -> str:
    """Say in one line what happened; many of pika's errors have no text of their own."""
    text = " ".join(str(error).split()) or repr(error)
    return f"{type(error).__name__}: {text}"


def difference(queue: str, error: ChannelClosedByBroker) -> QueueDiffers:
    """Return the one line for a queue that differs."""
    text = str(error.reply_text).removeprefix("PRECONDITION_FAILED - ")
    return QueueDiffers(f"RabbitMQ has a queue {queue!r} that differs: {text}; delete it when it is empty")
