"""Moving pictures: what a file is, its frames, the label and the mark in them, the metadata."""
