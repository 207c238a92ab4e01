"""Video formats, one module each."""
