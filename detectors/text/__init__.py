"""Finding labels of text: the invisible marks, explicit labels, hidden characters."""
