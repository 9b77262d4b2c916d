"""Tokens as the API reads and shows them."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, StrictInt, StrictStr

from app.domain.permissions import Permission
from app.queries.tokens import TokenRow
from app.services.tokens import Wanted


class TokenBody(BaseModel):
    """A token to be made, valid for `days`. With `intake:report` it needs the source that it reports for."""

    name: StrictStr
    source: StrictStr | None = None
    scopes: list[Permission]
    days: StrictInt = 90

    def to_wanted(self) -> Wanted:
        """Return it as the service takes it."""
        return Wanted(self.name, self.source, tuple(dict.fromkeys(self.scopes)), self.days)


class TokenForm(TokenBody):
    """The same, filled in on a page: its numbers are text."""

    days: int


class TokenItem(BaseModel):
    """A stored token, without its secret."""

    id: int
    name: str
    source: str | None
    scopes: list[str]
    createdAt: datetime
    expiresAt: datetime | None
    lastUsedAt: datetime | None

    @classmethod
    def of(cls, row: TokenRow) -> Self:
        """Build from a row of the queries."""
        return cls(**_shown(row))


class NewToken(TokenItem):
    """A token that was just made: `token` is told this once."""

    token: str

    @classmethod
    def made(cls, row: TokenRow, token: str) -> Self:
        """Build from what the service made."""
        return cls(**_shown(row), token=token)


class TokenList(BaseModel):
    """Every stored token."""

    items: list[TokenItem]


def _shown(row: TokenRow) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "source": row.source, "scopes": list(row.scopes),
            "createdAt": row.created_at, "expiresAt": row.expires_at, "lastUsedAt": row.last_used_at}
