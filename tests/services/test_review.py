"""What a person may do with one failure: every act in every status, versions, locked fields, history and audit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.desk import Desk
from app.domain.exact_json import loads
from app.domain.status import Status
from app.errors import Conflict, Invalid, NotFound
from app.models.audit import AuditEntry
from app.services import review
from tests.factories import ORDER_STATUS, STATUS_MESSAGE, STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.looking import assert_consistent, events_of, failure, rows, status

HTTP_REQUEST = {"type": "http_request", "target": "inventory", "path": "/v1/ship"}
NOBODY = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

VERBS: dict[str, Callable[..., None]] = {
    "retry": lambda desk, key, **options: review.retry(desk, key, actor="operator", **options),
    "assign": lambda desk, key, **options: review.assign(desk, key, actor="operator", assignee="anna", **options),
    "comment": lambda desk, key, **options: review.comment(desk, key, actor="operator", text="looked at it", **options),
    "resolve": lambda desk, key, **options: review.resolve(desk, key, actor="operator", reason="by phone", **options),
    "discard": lambda desk, key, **options: review.discard(desk, key, actor="operator", reason="a test", **options),
    "reopen": lambda desk, key, **options: review.reopen(desk, key, actor="operator", reason="not done", **options),
}

# Contract, section 4: from which status an act leads where; what is not here is a conflict.
LEADS = {
    "retry": {"review": "scheduled", "scheduled": "scheduled"},
    "resolve": {"review": "resolved", "scheduled": "resolved"},
    "discard": {"review": "discarded", "scheduled": "discarded"},
    "reopen": {"resolved": "review", "discarded": "review"},
    "assign": {each: each for each in ("review", "scheduled", "resolved", "discarded")},
    "comment": {each: each for each in ("review", "scheduled", "resolved", "discarded")},
}


@pytest.fixture(autouse=True)
def shop(desk: Desk):
    make_shop(desk)
    make_stock(desk, leg=100)


def make(desk: Desk, state: str = "review", **columns: Any) -> str:
    columns = {"remedy": STOCK_DECREMENT, "next_attempt_at": None} | columns
    later = desk.clock() + timedelta(seconds=30)
    columns |= {"scheduled": {"next_attempt_at": later}, "running": {"lease_until": later},
    "sent": {"confirm_by": later}}.get(state, {})
    return make_failure(desk, status=state, **columns)


@pytest.mark.parametrize("state", [*Status])
@pytest.mark.parametrize("verb", VERBS)
def test_an_act_is_done_where_it_may_be_and_a_conflict_elsewhere(desk: Desk, verb: str, state: str) -> None:
    failure_id = make(desk, state)
    if state in LEADS[verb]:
        VERBS[verb](desk, failure_id)
        assert status(desk, failure_id) == LEADS[verb][state]
        assert failure(desk, failure_id).version == 2
        last = events_of(desk, failure_id)[-1]
        assert (last.actor, last.from_status, last.to_status) == ("operator", state, LEADS[verb][state])
        (entry,) = rows(desk, select(AuditEntry.actor, AuditEntry.failure_id))
        assert entry == ("operator", failure_id)
    else:
        with pytest.raises(Conflict) as caught:
            VERBS[verb](desk, failure_id)
        assert caught.value.current_status == state
        assert failure(desk, failure_id).version == 1
        assert len(events_of(desk, failure_id)) == 1 and rows(desk, select(AuditEntry)) == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_stale_version_is_a_conflict_and_changes_nothing(desk: Desk, verb: str) -> None:
    failure_id = make(desk, next(iter(LEADS[verb])))
    review.comment(desk, failure_id, actor="another", text="was faster")
    with pytest.raises(Conflict) as caught:
        VERBS[verb](desk, failure_id, version=1)
    assert caught.value.current_status == status(desk, failure_id)
    assert failure(desk, failure_id).version == 2
    VERBS[verb](desk, failure_id, version=2)


@pytest.mark.parametrize("verb", VERBS)
def test_an_act_on_nothing_is_not_found(desk: Desk, verb: str) -> None:
    with pytest.raises(NotFound):
        VERBS[verb](desk, NOBODY)
    with pytest.raises(NotFound):
        review.preview(desk, NOBODY)


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u2003"])
@pytest.mark.parametrize(
    "act",
    [lambda desk, key, text: review.resolve(desk, key, actor="x", reason=text), lambda desk, key,
    text: review.discard(desk, key, actor="x", reason=text),
     lambda desk, key, text: review.reopen(desk, key, actor="x", reason=text), lambda desk, key,
     text: review.comment(desk, key, actor="x", text=text)],
    ids=["resolve", "discard", "reopen", "comment"],
)
def test_a_reason_is_not_blank_nor_endless(desk: Desk, act: Callable[..., None], blank: str) -> None:
    failure_id = make(desk)
    for text in (blank, "x" * 10_001):
        with pytest.raises(Invalid):
            act(desk, failure_id, text)
    assert failure(desk, failure_id).version == 1


@pytest.mark.parametrize("words", ["a\x00b", "\ud800", "<script>", "x" * 10_000, "ж\u202e"])
def test_strange_words_are_taken_in_every_act(desk: Desk, words: str) -> None:
    failure_id = make(desk)
    review.comment(desk, failure_id, actor="x", text=words)
    review.assign(desk, failure_id, actor="x", assignee=words[:255])
    review.resolve(desk, failure_id, actor="x", reason=words)
    review.reopen(desk, failure_id, actor="x", reason=words)
    review.retry(desk, failure_id, actor="x", reason=words)
    assert_consistent(desk)


@pytest.mark.parametrize("assignee", ["", " ", "x" * 256])
def test_an_assignee_is_a_name_or_nobody(desk: Desk, assignee: str) -> None:
    failure_id = make(desk)
    with pytest.raises(Invalid):
        review.assign(desk, failure_id, actor="x", assignee=assignee)
    review.assign(desk, failure_id, actor="x", assignee="anna")
    review.assign(desk, failure_id, actor="x", assignee=None)
    assert failure(desk, failure_id).assignee is None
    assert [event.after for event in events_of(desk, failure_id)[1:]] == [{"assignee": "anna"}, {"assignee": None}]


def test_a_retry_is_due_at_once_and_its_tries_count_anew(desk: Desk) -> None:
    failure_id = make(desk, attempts_counted=8, abandoned_in_a_row=5)
    review.retry(desk, failure_id, actor="operator", reason=" because ")
    row = failure(desk, failure_id)
    assert (row.next_attempt_at, row.attempts_counted, row.abandoned_in_a_row, row.requested_by, row.reason) == (
        desk.clock(), 0, 0, "operator", None
    )
    assert events_of(desk, failure_id)[-1].reason == "because"


def test_a_corrected_retry_keeps_before_and_after(desk: Desk) -> None:
    failure_id = make(desk)
    corrected = STOCK_DECREMENT | {"orderId": "536366", "components": [{"componentId": "top", "quantity": 1}]}
    review.retry(desk, failure_id, actor="operator", remedy=corrected)
    assert failure(desk, failure_id).remedy == corrected
    last = events_of(desk, failure_id)[-1]
    assert (last.before, last.after) == ({"remedy": STOCK_DECREMENT}, {"remedy": corrected})
    (entry,) = rows(desk, select(AuditEntry.action, AuditEntry.before, AuditEntry.after))
    before, after = {"status": "review", "remedy": STOCK_DECREMENT}, {"status": "scheduled", "remedy": corrected}
    assert entry == ("failure.correct_and_retry", before, after)


@pytest.mark.parametrize(
    ("stored", "change"),
    [(STOCK_DECREMENT, {"operationId": "another"}), (STOCK_DECREMENT, {"type": "order_status"}), (STOCK_DECREMENT,
    {"operationId": None}),
     (ORDER_STATUS, {"operationId": "another"}), (HTTP_REQUEST, {"target": "shipping"}), (HTTP_REQUEST,
     {"type": "publish_message"}),
     (STATUS_MESSAGE, {"messageId": "mine"}), (STATUS_MESSAGE | {"messageId": "m-1"}, {"messageId": "m-2"})],
)
def test_what_makes_an_effect_the_same_effect_cannot_be_changed(desk: Desk, stored: dict[str, Any], change: dict[str,
Any]) -> None:
    failure_id = make(desk, remedy=stored)
    for act in (review.preview, lambda *args, **options: review.retry(*args, actor="x", **options)):
        with pytest.raises(Invalid) as caught:
            act(desk, failure_id, remedy=stored | change)
        assert {fault.pointer for fault in caught.value.faults} == {f"/remedy/{name}" for name in change}
    assert failure(desk, failure_id).version == 1


@pytest.mark.parametrize("remedy", [[], "x", 5, {}, {"type": []}, {"type": "exorcism"},
STOCK_DECREMENT | {"components": []},
                                    STOCK_DECREMENT | {"components": [{"componentId": "leg", "quantity": 10**30}]}])
def test_a_correction_that_cannot_be_used_is_refused_with_its_faults(desk: Desk, remedy: Any) -> None:
    failure_id = make(desk, remedy=None)
    with pytest.raises(Invalid) as caught:
        review.retry(desk, failure_id, actor="x", remedy=remedy)
    assert all(fault.pointer.startswith("/remedy") for fault in caught.value.faults)
    assert failure(desk, failure_id).version == 1


def test_without_a_remedy_one_must_be_given_and_gets_an_operation_id_of_its_own(desk: Desk) -> None:
    failure_id = make(desk, remedy=None)
    with pytest.raises(Invalid, match="no remedy"):
        review.retry(desk, failure_id, actor="x")
    with pytest.raises(Invalid, match="no remedy"):
        review.preview(desk, failure_id)
    review.retry(desk, failure_id, actor="x", remedy={name: STOCK_DECREMENT[name] for name in ("type", "orderId",
    "components")})
    row = failure(desk, failure_id)
    assert (row.remedy["operationId"], row.target) == (f"dlo-{failure_id}", "warehouse-db")


def test_a_correction_with_endless_numbers_and_strange_text_is_kept_exactly(desk: Desk) -> None:
    failure_id = make(desk, remedy=HTTP_REQUEST | {"body": loads(b"1e" + b"9" * 30)}, raw=b"{}")
    written = HTTP_REQUEST | {"body": loads(b'[1e' + b"9" * 30 + b', "\\u0000\\ud800"]')}
    review.retry(desk, failure_id, actor="x", remedy=written)
    assert failure(desk, failure_id).remedy == written


def test_a_target_that_is_gone_cannot_be_retried(desk: Desk) -> None:
    failure_id = make(desk, remedy=HTTP_REQUEST | {"target": "yesterday"})
    for act in (review.preview, lambda *args: review.retry(*args, actor="x")):
        with pytest.raises(Invalid, match="not registered"):
            act(desk, failure_id)


def test_a_preview_changes_nothing(desk: Desk) -> None:
    failure_id = make(desk)
    foreseen = review.preview(desk, failure_id)
    assert (foreseen.outcome, [(change.before, change.after) for change in foreseen.changes]) == ("would_apply",
    [(100, 96)])
    assert failure(desk, failure_id).version == 1


def test_what_a_caller_writes_within_an_act_commits_and_fails_with_it(desk: Desk) -> None:
    failure_id = make(desk)

    def broken(_session: Any) -> None:
        raise ValueError("the bulk item is gone")

    for act in (lambda: review.resolve(desk, failure_id, actor="x", reason="y", within=broken),
                lambda: review.retry(desk, failure_id, actor="x", within=broken),
                lambda: review.assign(desk, failure_id, actor="x", assignee="y", within=broken)):
        with pytest.raises(ValueError, match="bulk"):
            act()
    assert failure(desk, failure_id).version == 1
    assert_consistent(desk)
