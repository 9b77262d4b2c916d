"""The same report many times at once, from threads and from processes: one row, and one answer for all."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.desk import Desk
from app.errors import Invalid
from app.services.dead_letters import receive_dead_letters
from app.services.intake import receive, receive_batch
from messaging import Delivery, Message
from tests.children import send_report
from tests.factories import STOCK_DECREMENT, body
from tests.looking import all_failures, assert_consistent, only_failure
from tests.processes import CONTEXT
from tests.services.test_intake_batch import batch, item

AT_ONCE = 16


def at_once(task, numbers=range(AT_ONCE)):
    barrier = Barrier(len(numbers))

    def start(number: int):
        barrier.wait()
        return task(number)

    with ThreadPoolExecutor(len(numbers)) as pool:
        return list(pool.map(start, numbers))


def test_sixteen_threads_with_one_key_make_one_failure_and_get_one_answer(desk: Desk) -> None:
    raw = body(remedy=STOCK_DECREMENT)
    receipts = at_once(lambda _number: receive(desk, raw, key="k", source="warehouse"))
    assert {(receipt.id, receipt.status, receipt.next_attempt_at) for receipt in receipts} == {
        (only_failure(desk).id, "scheduled", receipts[0].next_attempt_at)
    }
    assert sum(not receipt.replayed for receipt in receipts) == 1
    assert_consistent(desk)


def test_sixteen_threads_with_one_key_and_as_many_bodies_store_one_and_refuse_the_others(desk: Desk) -> None:
    def send(number: int) -> str:
        try:
            return receive(desk, body(orderId=str(number)), key="k", source="warehouse").id
        except Invalid:
            return "refused"

    answers = at_once(send)
    assert sorted(answers)[:1] == [only_failure(desk).id]
    assert answers.count("refused") == AT_ONCE - 1


def test_sixteen_threads_with_overlapping_batches_store_each_key_once(desk: Desk) -> None:
    def send(number: int) -> list[str]:
        keys = [str((number + offset) % AT_ONCE) for offset in range(AT_ONCE)]
        answers = receive_batch(desk, batch(*(item(key, orderId=key) for key in keys)), source="warehouse")
        return [answer.id for _, answer in sorted(zip(keys, answers, strict=True), key=lambda pair: pair[0])]

    assert len({tuple(ids) for ids in at_once(send)}) == 1
    assert len(all_failures(desk)) == AT_ONCE
    assert_consistent(desk)


def test_eight_consumers_that_were_given_one_dead_letter_store_it_once(desk: Desk) -> None:
    message = Message(b'{"orderId": "1"}', message_id="m-1")
    at_once(lambda _: receive_dead_letters(desk, [Delivery(message, "orders.status.dlq", 1, None)]), range(8))
    only_failure(desk)
    assert_consistent(desk)


def test_sixteen_processes_with_one_key_make_one_failure_and_get_one_answer(
    desk: Desk, environment: dict[str, str]
) -> None:
    barrier, answers = CONTEXT.Barrier(AT_ONCE), CONTEXT.SimpleQueue()
    processes = [CONTEXT.Process(target=send_report, args=(environment, barrier, answers)) for _ in range(AT_ONCE)]
    for process in processes:
        process.start()
    ids = {answers.get() for _ in processes}
    for process in processes:
        process.join(30)
    assert ids == {only_failure(desk).id}
    assert_consistent(desk)
