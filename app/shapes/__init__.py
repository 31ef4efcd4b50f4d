"""How a log can lie on disk, whoever wrote it."""
