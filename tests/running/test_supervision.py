"""The supervisor's configuration, read back by the supervisor itself."""

from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from app.config import load
from app.running import supervision
from app.running.parts import desk_parts, stub_parts, traffic_parts


def read_back(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: str) -> ServerOptions:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    loaded = load({"DLO_INSTANCE": str(folder), **settings})
    parts = [*desk_parts(loaded), *stub_parts(loaded), *traffic_parts(loaded)]
    configuration = supervision.configure(folder, "run", parts)
    options = ServerOptions()
    monkeypatch.setattr("sys.stdin", None)
    options.realize(["-c", str(configuration), "--nodaemon"])
    return options


def test_the_supervisor_understands_it_and_never_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = read_back(tmp_path, monkeypatch)
    [group] = options.process_group_configs
    assert {program.name for program in group.process_configs} == {
        "web", "worker", "orders", "payments", "warehouse-1", "warehouse-2", "products", "inventory", "shipping",
        "traffic",
    }
    for program in group.process_configs:
        assert program.startsecs == 0
        assert program.stopwaitsecs <= supervision.END_SECONDS
        assert program.command.startswith("setpriv --pdeathsig KILL -- ")


def test_no_traffic_when_the_settings_want_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [group] = read_back(tmp_path, monkeypatch, DEMO_TRAFFIC="0").process_group_configs
    assert "traffic" not in {program.name for program in group.process_configs}


@pytest.mark.parametrize(("has_tour", "told"), [(True, "1"), (False, None)])
def test_the_tour_is_offered_where_its_traffic_runs_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_tour: bool, told: str | None
) -> None:
    (tmp_path / "logs").mkdir()
    configuration = supervision.configure(tmp_path, "run", desk_parts(load({"DLO_INSTANCE": str(tmp_path)}),
                                                                      has_tour=has_tour))
    options = ServerOptions()
    monkeypatch.setattr("sys.stdin", None)
    options.realize(["-c", str(configuration), "--nodaemon"])
    [group] = options.process_group_configs
    environments = {program.name: program.environment for program in group.process_configs}
    assert environments["web"].get("DLO_TOUR") == told and "DLO_TOUR" not in environments["worker"]
    assert environments["web"]["PYTHONUNBUFFERED"] == "1"


def test_a_folder_with_blanks_is_kept_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "the desk's own"
    [group] = read_back(folder, monkeypatch).process_group_configs
    assert Path(group.process_configs[0].stdout_logfile).parent == folder / "logs"


def test_a_folder_too_deep_for_a_socket_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_back(tmp_path / ("x" * 100), monkeypatch).server_configs == []
