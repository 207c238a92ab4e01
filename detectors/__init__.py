"""Verify labels on AI-generated content: collect evidence, judge it, report conformity."""
