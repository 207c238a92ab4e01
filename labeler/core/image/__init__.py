"""Maths on pictures: the mark, its search, the visible label, the block marks of others."""
