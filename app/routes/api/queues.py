"""Look at queues; replay, purge and publish."""

from app.domain.permissions import Permission
from app.ids import new_id
from app.queries import queues as queue_queries
from app.remedies.publish_message import body_of
from app.routes.api.bulk import started
from app.routes.api.endpoint import Answer, as_response, endpoint
from app.routes.api.schemas.bulk import BulkStarted, DryRunAnswer, ReplayBody
from app.routes.api.schemas.queues import (
    MessageItem,
    MessageList,
    MessagesQuery,
    PublishBody,
    PublishedAnswer,
    PurgeBody,
    PurgedAnswer,
    QueueItem,
    QueueList,
)
from app.routes.api.tokens import Principal
from app.routes.context import current_desk
from app.services import bulk_orders, queues
from app.services.bulk_orders import BulkOrder
from messaging import Message


@endpoint("/queues", needs=Permission.READ, answers=QueueList)
def list_queues(principal: Principal) -> Answer:
    """List the queues."""
    return QueueList(items=[QueueItem.of(row) for row in queue_queries.listed(current_desk())])


@endpoint("/queues/<name>/messages", needs=Permission.READ, query=MessagesQuery, answers=MessageList)
def list_messages(principal: Principal, name: str, query: MessagesQuery) -> Answer:
    """Look at a queue's oldest messages; looking changes nothing."""
    rows = queue_queries.messages(current_desk(), name, query.limit)
    return MessageList(items=[MessageItem.of(row) for row in rows])


@endpoint("/queues/<name>/replay", method="POST", needs=Permission.QUEUES, body=ReplayBody, answers=BulkStarted,
          status=202, also={200: DryRunAnswer})
def replay_queue(principal: Principal, name: str, body: ReplayBody) -> Answer:
    """Send stored failures of a dead-letter queue again; with `dryRun`, only tell what that would do."""
    order = BulkOrder(
        "replay", principal.actor, body.reason.strip(), filter=body.filter, ids=tuple(body.ids or ()),
        to_queue=body.toQueue, pace=body.ratePerSecond, canary=body.to_canary(),
    )
    if body.dryRun:
        here = queues.replay_of(current_desk(), name, order)
        return as_response(DryRunAnswer.of(*bulk_orders.dry_run(current_desk(), here)))
    return started(*queues.replay(current_desk(), name, order))


@endpoint("/queues/<name>/purge", method="POST", needs=Permission.QUEUES, body=PurgeBody, answers=PurgedAnswer)
def purge_queue(principal: Principal, name: str, body: PurgeBody) -> Answer:
    """Take a dead-letter queue's messages out of the broker, each only once it is stored."""
    return PurgedAnswer(purged=queues.purge(current_desk(), name, actor=principal.actor, reason=body.reason))


@endpoint("/queues/<name>/messages", method="POST", needs=Permission.QUEUES, body=PublishBody,
          answers=PublishedAnswer, status=202)
def publish_message(principal: Principal, name: str, body: PublishBody) -> Answer:
    """Publish a message."""
    content = body_of({"body": body.body, "bodyBase64": body.bodyBase64})
    message = Message(content, body.messageId or new_id(), body.contentType, body.headers)
    queues.publish(current_desk(), name, message, actor=principal.actor)
    return PublishedAnswer(messageId=message.message_id or "", queue=name)
