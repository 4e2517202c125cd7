"""An upgrade that is killed leaves a system that starts; of programs started at once after it, one migrates."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.anomalies import town
from tests.anomalies.program import Place, Program, copied
from tests.anomalies.town import NOW

LATER = NOW + timedelta(hours=2)


@pytest.fixture(scope="module")
def earlier(empty: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, dict[str, Any]]]:
    """A town that has sent, as an earlier release left it, and what stood in it, how long the upgrade takes."""
    folder = tmp_path_factory.mktemp("upgrades")
    with copied(empty, folder / "earlier") as place:
        with Program(place) as program:
            town.found(program, folder / "files", count=4, associated=True)
            assert program.aor("send", "--carrier", town.CARRIER.hios, now=NOW).code == 0
            stood = program.call("tests.anomalies.upgrading:stands")
            assert stood["sets"]
            assert len(program.call("tests.anomalies.upgrading:back")) >= 5
        with copied(place, folder / "timed") as timed, Program(timed) as program:
            seconds = program.aor("record", now=LATER).seconds
        yield place, {"stands": stood, "seconds": seconds}


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6, 0.8])
def test_an_upgrade_killed_is_ended_by_the_next_command(
    share: float, earlier: tuple[Place, dict[str, Any]], tmp_path: Path
) -> None:
    source, stood = earlier
    with copied(source, tmp_path / "killed") as place, Program(place) as program:
        program.aor("record", now=LATER, kill_after=stood["seconds"] * share)
        place.wait_for_the_dead()
        ran = program.aor("verify", now=LATER)
        assert ran.code == 0, ran.out + ran.err
        assert program.call("tests.anomalies.upgrading:stands") == stood["stands"]


def test_of_programs_started_at_once_one_migrates_and_all_work(
    earlier: tuple[Place, dict[str, Any]], tmp_path: Path
) -> None:
    source, stood = earlier
    with copied(source, tmp_path / "several") as place:
        programs = [Program(place) for _ in range(3)]
        try:
            with ThreadPoolExecutor(3) as threads:
                ran = list(threads.map(lambda program: program.aor("record", now=LATER), programs))
            assert [one.code for one in ran] == [0, 0, 0], [one.err for one in ran]
            assert programs[0].call("tests.anomalies.upgrading:stands") == stood["stands"]
        finally:
            for program in programs:
                program.__exit__(None, None, None)
