"""Tokens of programs: list, make, revoke."""

from app.domain.permissions import Permission
from app.queries import tokens as queries
from app.routes.api.endpoint import Answer, as_response, endpoint
from app.routes.api.schemas.tokens import NewToken, TokenBody, TokenItem, TokenList
from app.routes.api.tokens import Principal
from app.routes.context import current_desk
from app.services import tokens


@endpoint("/tokens", needs=Permission.SETTINGS, answers=TokenList)
def list_tokens(principal: Principal) -> Answer:
    """List the stored tokens; those of the settings are not among them."""
    with current_desk().store.read() as session:
        return TokenList(items=[TokenItem.of(row) for row in queries.listed(session)])


@endpoint("/tokens", method="POST", needs=Permission.SETTINGS, body=TokenBody, answers=NewToken, status=201)
def create_token(principal: Principal, body: TokenBody) -> Answer:
    """Make a token; two of a name may be valid at once, so that one can take the other's place."""
    made = tokens.create(current_desk(), body.to_wanted(), actor=principal.actor, own=principal.permissions)
    answer = as_response(NewToken.made(*made), 201)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@endpoint("/tokens/<int(max=2147483647):token_id>/revoke", method="POST", needs=Permission.SETTINGS, answers=TokenItem)
def revoke_token(principal: Principal, token_id: int) -> Answer:
    """End a token for ever."""
    return TokenItem.of(tokens.revoke(current_desk(), token_id, actor=principal.actor))
