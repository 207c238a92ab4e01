"""The tables on what a mark costs and whether its survival was foretold."""

from __future__ import annotations

import numpy as np

from benchmarks import batches, budgets, survival
from benchmarks.survival import Trial
from labeler.image.watermark import embed_mark
from labeler.payload import Payload
from makers import photo


def test_trials_are_sorted_by_what_was_foretold():
    trials = [Trial(survival=s, read=r) for s, r in ((0, False), (0.5, True), (0.5, False), (1, 1))]
    assert list(survival.table(trials))[2:] == [
        "| 0.00 to 0.05 | 1 | 0.00 | 0.00 |",
        "| 0.40 to 0.60 | 2 | 0.50 | 0.50 |",
        "| 0.95 to 1.00 | 1 | 1.00 | 1.00 |",
    ]


def test_a_row_holds_mean_and_least_of_its_receipts():
    receipts = [embed_mark(photo(side=600), Payload(mark_id=5), strength=s)[1] for s in (0.7, 1.2)]
    psnr = [receipt.psnr_db for receipt in receipts]
    row = budgets.row("pictures", "some", receipts)
    assert row.startswith(f"| some | 2 pictures | {np.mean(psnr):.1f} | {min(psnr):.1f} |")


def test_batch_and_loop_are_both_timed():
    batch = np.stack([photo(side=400)] * 2)
    assert all(time > 0 for time in batches.compare(batch, threads=1, rounds=1))
