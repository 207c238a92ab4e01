"""The mathematics of the text marks on code points and token ids: no files, no labels."""
