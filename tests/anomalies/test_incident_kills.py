"""Incidents whose work dies in the midst: gone on with, each association is annulled and each report issued once."""

from __future__ import annotations

from tests.anomalies.program import Place, Program

ANEW = ["AOR-2026-03-7000001-2", "AOR-2026-04-7000001-2"]


def test_corrected_reports_that_died_are_gone_on_with(place: Place) -> None:
    with Program(place) as program:
        number = program.call("tests.anomalies.incident:assessed")
        before = dict(program.call("tests.anomalies.incident:issues"))
        assert program.dies("tests.anomalies.incident:reissued", "incident:reissued", number=number)
        place.wait_for_the_dead()
        halfway = dict(program.call("tests.anomalies.incident:issues"))
        assert halfway.keys() - before.keys() == {ANEW[0]}
        assert program.call("tests.anomalies.incident:reissued", number=number) == ANEW
        after = dict(program.call("tests.anomalies.incident:issues"))
    assert after.keys() - before.keys() == set(ANEW)
    assert all(after.values())


def test_an_assessment_that_died_between_two_sets_of_associations_is_gone_on_with(place: Place) -> None:
    with Program(place) as program:
        number = program.call("tests.anomalies.incident:reported")
        assert program.dies("tests.anomalies.incident:assess", "incident:annulled", number=number)
        place.wait_for_the_dead()
        halfway = program.call("tests.anomalies.incident:annulled")
        assert len(halfway) == 1
        assert program.call("tests.anomalies.incident:gone_on_with") == 1
        assert program.call("tests.anomalies.incident:gone_on_with") == 0
        assert sorted(program.call("tests.anomalies.incident:annulled")) == ["S1", "S2"]
