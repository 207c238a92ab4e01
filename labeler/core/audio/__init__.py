"""Maths on sound: samples are float32, (n, channels) or (n,), full scale 1.0, at any rate."""
