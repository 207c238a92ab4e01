"""Text and document formats, one module each."""
