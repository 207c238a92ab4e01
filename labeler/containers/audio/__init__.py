"""Sound formats, one module each."""
