"""Readers of sound, at the address of the applier below `labeler.audio`."""
