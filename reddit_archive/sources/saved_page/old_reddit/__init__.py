"""The pages of old Reddit: www.reddit.com until 2018, old.reddit.com since."""
