"""
File formats as bytes: where metadata stands in them, and how a label is put there losslessly.

Standard library only; nothing here decodes a picture or knows what a label means. A room for each
modality holds its formats, `tags` the kinds of metadata that several of them share; `pictures`,
`sounds`, `videos` and `documents` list the formats of each, `registry` all of them.
"""
