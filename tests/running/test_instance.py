"""The instance folder: made once, private, the same for everybody."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import first_start, instance
from app.config import SERVICES, Settings, SettingsError, load

SECRETS = ("secret_key", "service_tokens", "traffic_token")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"DLO_INSTANCE": str(tmp_path / "instance")})


def test_the_folder_and_its_secrets_are_for_their_owner_alone(settings: Settings) -> None:
    instance.prepare(settings)
    assert stat.S_IMODE(settings.instance.stat().st_mode) == 0o700
    assert {stat.S_IMODE((settings.instance / name).stat().st_mode) for name in SECRETS} == {0o600}


def test_a_second_start_keeps_every_secret(settings: Settings) -> None:
    instance.prepare(settings)
    before = [(settings.instance / name).read_text() for name in SECRETS]
    instance.prepare(settings)
    assert [(settings.instance / name).read_text() for name in SECRETS] == before


def test_every_service_gets_a_token_of_its_own(settings: Settings) -> None:
    instance.prepare(settings)
    tokens = instance.service_tokens(settings)
    assert tuple(tokens) == SERVICES
    assert len(set(tokens.values())) == len(SERVICES)
    assert (settings.instance / "service_tokens").read_text().count("\n") == 1


def test_what_the_settings_give_is_not_generated(tmp_path: Path) -> None:
    given = {"DLO_SECRET_KEY": "a-key", "DLO_SERVICE_TOKENS": "orders=a-token"}
    settings = load({"DLO_INSTANCE": str(tmp_path / "instance"), **given})
    instance.prepare(settings)
    assert [file.name for file in settings.instance.iterdir()] == ["traffic_token"]
    assert instance.secret_key(settings) == "a-key"
    assert instance.service_tokens(settings) == {"orders": "a-token"}


@pytest.mark.parametrize("read", [instance.secret_key, instance.service_tokens, instance.traffic_token])
def test_a_secret_that_is_missing_is_told_by_its_setting(
    settings: Settings, read: Callable[[Settings], object]
) -> None:
    with pytest.raises(SettingsError, match=r"^DLO_"):
        read(settings)


def test_of_many_first_starts_at_once_one_makes_the_accounts(settings: Settings) -> None:
    with ThreadPoolExecutor(4) as pool:
        generated = list(pool.map(first_start.prepare, [settings] * 4))
    assert sorted(len(passwords) for passwords in generated) == [0, 0, 0, 2]


def test_a_folder_that_cannot_be_made_is_told_by_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"^DLO_INSTANCE: "):
        instance.prepare(load({"DLO_INSTANCE": str(tmp_path / "file" / "instance")}))
