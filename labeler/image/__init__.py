"""Labels of pictures: the visible text, the watermark, the file metadata, and the codec."""
