"""Reddit's web pages as browsers and archiving tools save them: a thread without key or network.

Each kind of page has its own reader. All of them return the same things as Reddit's API, with
Reddit's own HTML as `body_html`, and nothing about the account that saved the page.
"""
