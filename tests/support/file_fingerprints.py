"""Fingerprints of all files of a folder, to see what a command changes."""

import hashlib
from pathlib import Path


def compute_fingerprints(folder: Path) -> dict[str, tuple[str, int, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): _fingerprint(path) for path in files}


def _fingerprint(path: Path) -> tuple[str, int, int]:
    about = path.stat()
    return hashlib.sha256(path.read_bytes()).hexdigest(), about.st_mtime_ns, about.st_mode
