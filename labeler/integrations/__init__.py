"""Thin adapters to other people's pipelines; each imports its host only when it is used."""
