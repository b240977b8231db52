"""Pages of the documentation as scripts: their console blocks run in order, from an empty folder.

`reading` takes a page apart, `stage` is the world that it plays in, `playing` runs it.
"""
