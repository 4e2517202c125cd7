"""Reports issued anew that die between two of them: done again, each has one new issue and its workbook."""

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
