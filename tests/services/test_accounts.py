"""The first accounts, and guesses side by side."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.desk import Desk
from app.domain.permissions import ADMINISTRATOR, OPERATOR
from app.errors import TooMany
from app.services import accounts, signing_in


def role(desk: Desk, username: str) -> list[str]:
    user = accounts.find(desk, username)
    assert user is not None
    return [role.name for role in user.roles]


def with_passwords(desk: Desk, **passwords: str) -> Desk:
    return replace(desk, settings=desk.settings.model_copy(update=passwords))


def test_the_first_start_makes_two_accounts_and_tells_their_passwords_once(desk: Desk) -> None:
    passwords = accounts.first_accounts(desk)
    assert set(passwords) == {"admin", "operator"}
    assert signing_in.sign_in(desk, "admin", passwords["admin"], address="a") is not None
    assert (role(desk, "admin"), role(desk, "operator")) == ([ADMINISTRATOR], [OPERATOR])
    assert accounts.first_accounts(desk) == {}


def test_a_password_from_the_settings_is_not_told_again(desk: Desk) -> None:
    given = with_passwords(desk, admin_password="chosen")
    assert set(accounts.first_accounts(given)) == {"operator"}
    assert signing_in.sign_in(desk, "admin", "chosen", address="a") is not None


def test_a_changed_setting_changes_the_password_at_the_next_start(desk: Desk) -> None:
    accounts.first_accounts(with_passwords(desk, admin_password="chosen"))
    accounts.first_accounts(with_passwords(desk, admin_password="chosen anew"))
    assert signing_in.sign_in(desk, "admin", "chosen", address="a") is None
    assert signing_in.sign_in(desk, "admin", "chosen anew", address="a") is not None


def test_guesses_made_side_by_side_do_not_slip_past_the_limit(desk: Desk) -> None:
    accounts.create(desk, "operator", "right", role=OPERATOR)

    def guess(number: int) -> str:
        try:
            signing_in.sign_in(desk, "operator", f"guess {number}", address=f"10.0.0.{number}")
        except TooMany:
            return "refused"
        return "wrong"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(16)))
    assert answers.count("wrong") == signing_in.MAX_WRONG
    with pytest.raises(TooMany):
        signing_in.sign_in(desk, "operator", "right", address="10.0.1.1")
