"""Quote blocks: quotes between two markers in Markdown pages."""
