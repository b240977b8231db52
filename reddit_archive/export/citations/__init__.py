"""Citations of posts and comments as BibTeX and CSL JSON."""
