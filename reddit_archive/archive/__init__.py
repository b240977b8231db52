"""Snapshots on disk: store, index, search, redact, verify and exchange them."""
