"""Maths on arrays: lattice, code, mask, correlation, blending. No files, formats or labels."""
