"""Signatures over labels and content: SecurityData in the reserved fields, and C2PA."""
