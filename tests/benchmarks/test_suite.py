"""The suite end to end on one small picture: journal, summary, goals, page."""

from __future__ import annotations

import json

import pytest

from benchmarks import goals, peers, pictures, recovery, report, summary
from benchmarks.recovery import Task


SOURCE = pictures.Source(name="smooth/poster", kind="smooth", side=400)


def run(tmp_path, attacks):
    task = Task(source=SOURCE, contestant=peers.OURS, attacks=attacks, depth="plain")
    return [row for _, _, row in recovery.run([task], tmp_path / "journal.jsonl")]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    rows = run(folder, ("none", "jpeg75"))
    return {
        "schema": summary.SCHEMA,
        "machine": summary.machine(),
        "packages": pictures.PACKAGES,
        "peers": [],
        "missing_peers": {"dwtDct": "not installed"},
        "missing_pictures": [],
        **summary.summarise(rows),
    }


def test_the_message_is_a_payload_that_depends_on_the_name():
    one, other = peers.message_for("one"), peers.message_for("other")
    assert len(one) == 64
    assert one[:6] == other[:6] == (0, 0, 0, 1, 0, 1)
    assert one != other


def test_peers_that_are_not_installed_are_named_with_the_reason():
    here, away = peers.contestants()
    assert here[0] == peers.OURS
    assert set(here[1:]) | set(away) == set(peers.PEERS)
    assert all("not installed" in why for why in away.values())


def test_exact_message_is_demanded():
    ours = peers.make(peers.OURS, "plain")
    pixels = pictures.load(SOURCE)
    message = peers.message_for("x")
    marked, bits = ours.embed(pixels, message)
    assert bits == 64
    assert ours.read(marked) == message
    assert ours.read(marked) != peers.message_for("y")
    assert ours.read(pixels) is None


def test_a_second_run_measures_only_what_is_missing(tmp_path):
    assert len(run(tmp_path, ("none",))) == 1
    assert run(tmp_path, ("none",)) == []
    (row,) = run(tmp_path, ("none", "jpeg90"))
    assert list(row["recovered"]) == ["jpeg90"]
    (merged,) = recovery.read_journal(tmp_path / "journal.jsonl").values()
    assert merged["recovered"] == {"none": True, "jpeg90": True}


def test_a_torn_journal_line_is_dropped(tmp_path):
    run(tmp_path, ("none",))
    journal = tmp_path / "journal.jsonl"
    journal.write_text(journal.read_text() + '{"contestant": "ou', "utf-8")
    assert len(recovery.read_journal(journal)) == 1


def test_slow_contestants_get_fewer_pictures_and_attacks():
    photos = [pictures.Source(name=f"p{i}", kind="photo") for i in range(9)]
    tasks = recovery.plan(["ours", "rivaGan"], photos, ("none", "jpeg75", "gif256"), depth="plain")
    slow = [task for task in tasks if task.contestant == "rivaGan"]
    assert len(slow) == recovery.SLOW_PICTURES
    assert {task.attacks for task in slow} == {("none", "jpeg75")}


def test_summary_counts_pictures_and_means(result):
    part = result["contestants"][peers.OURS]["kinds"]["smooth"]
    assert part["pictures"] == 1
    assert part["recovery"]["jpeg75"] == {"read": 1, "of": 1, "missed": []}
    assert part["quality"]["psnr"]["mean"] > 40
    assert "all56" not in part["groups"]
    json.dumps(result)


def test_goals_are_met_missed_or_not_measured(result):
    found = {goal.what: goal for goal in goals.goals(result)}
    assert found["photographs of 1-2 MP in the test split"].met is False
    assert found["photographs: PSNR mean"].met is None
    assert found["flat and smooth: PSNR mean"].figure > 40
    assert found["flat and smooth: 17 hard attacks"].met is None


def test_page_says_what_was_not_compared(result):
    page = report.page(result)
    assert "Not compared: dwtDct: not installed." in page
    assert "| jpeg75 | 1/1 |" in page
    assert "not measured" in page
    for line in page.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")
