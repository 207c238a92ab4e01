"""Results in order, as far as memory allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labeler.batch import in_order


@given(st.permutations(range(30)))
def test_a_few_results_come_in_exact_order_whatever_order_they_are_ready_in(ready):
    assert [n for n, _ in in_order((n, None) for n in ready)] == list(range(30))


@given(st.permutations(range(40)), st.integers(1, 8))
def test_every_result_comes_once_and_no_more_than_the_limit_wait(ready, limit):
    given_out = 0

    def source():
        for taken, number in enumerate(ready):
            assert taken - given_out <= limit + 1
            yield number, None

    seen = []
    for number, _ in in_order(source(), held_back=limit):
        given_out += 1
        seen.append(number)
    assert sorted(seen) == list(range(40))


def test_one_late_result_does_not_hold_up_the_others():
    ready = [*range(1, 20), 0]
    assert [n for n, _ in in_order(((n, "") for n in ready), held_back=5)] == ready
