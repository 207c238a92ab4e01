"""The label typeface as package data: a font subset, its licence and the list of its characters."""
