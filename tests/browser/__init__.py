"""The pages in a real browser: Debian's Chromium, from the file system, without any network."""
