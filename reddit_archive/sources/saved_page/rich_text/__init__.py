"""Reddit's rich text, as HTML and as JSON, in the form in which the API has it."""
