"""Readers of pictures, at the address of the applier below `labeler.image`."""
