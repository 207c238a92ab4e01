"""Marks of others, which this toolkit reads and never writes: IPTC, C2PA."""
