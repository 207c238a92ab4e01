"""Labels of sound: the audible label, the watermark, the file metadata, and the codec."""
