"""Benchmarks of the marks: measured in the open, against whatever else can be installed."""
