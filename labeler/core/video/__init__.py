"""Maths on moving pictures: sums over frames, movement, tracking."""
