"""Labels of text: the invisible marks, the words of visible labels."""
