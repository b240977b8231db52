"""The pages of shreddit: www.reddit.com since 2023."""
