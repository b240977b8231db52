"""The pages of new Reddit (2018 to 2024), with their state in a script and without it."""
