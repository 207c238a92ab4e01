"""Threads inside one call: bounded, in order, and OpenCV's own put back."""

from __future__ import annotations

import threading

import cv2
import pytest

from labeler import threads
from labeler.threads import MOST_THREADS, map_threads, one_opencv_thread, threads_for


@pytest.fixture
def three_opencv_threads():
    before = cv2.getNumThreads()
    cv2.setNumThreads(3)
    yield
    cv2.setNumThreads(before)


@pytest.mark.parametrize(
    ("items", "asked", "used"), [(16, 2, 2), (1, 8, 1), (99, 99, MOST_THREADS), (5, 0, 1)]
)
def test_threads_are_bounded(items, asked, used):
    assert threads_for(items, asked) == used


def test_one_thread_a_core_is_used_by_default(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 3)
    assert threads_for(16) == 3


def test_results_come_in_order_from_so_many_threads():
    meet = threading.Barrier(3, timeout=20)

    def work(item: int) -> tuple[int, int, int]:
        meet.wait()  # passes only when three run at once
        return item, threading.get_ident(), cv2.getNumThreads()

    done = map_threads(work, range(9), threads=3)
    assert [item for item, _, _ in done] == list(range(9))
    assert len({ident for _, ident, _ in done}) == 3
    assert {count for _, _, count in done} == {1}


@pytest.mark.usefixtures("three_opencv_threads")
def test_the_last_to_leave_puts_opencvs_threads_back():
    with one_opencv_thread():
        with one_opencv_thread():
            assert cv2.getNumThreads() == 1
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == 3


@pytest.mark.usefixtures("three_opencv_threads")
def test_a_failure_puts_opencvs_threads_back_and_is_the_first_in_order():
    def work(item: int) -> None:
        raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 0"):
        map_threads(work, range(4), threads=2)
    assert cv2.getNumThreads() == 3
