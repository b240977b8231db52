"""The index of threads and the full-text search. Both can be rebuilt from the snapshots."""
