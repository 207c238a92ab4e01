"""Readers of moving pictures: metadata, the mark in the frames, the visible label."""
