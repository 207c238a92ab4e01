"""Kinds of metadata that several formats share: EXIF, XMP, ID3, tag lists, comments."""
