"""Parts of the command line, one module a group: they parse, call and print; light to import."""
