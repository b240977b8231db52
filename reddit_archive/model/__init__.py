"""The data model: references, captures, comment trees, threads, deletions, redactions. Pure."""
