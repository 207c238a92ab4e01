"""The shipped voice prompts as package data, with a text about their origin."""
