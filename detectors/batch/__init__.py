"""
Many files at once: what is meant, which were done before, what came of each.

`verify_many` in `detectors.batch.many` is the verb; the processes are those of `labeler.batch`.
"""
