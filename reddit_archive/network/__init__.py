"""Requests to other machines: limits of size and time, proxies, and which hosts may be asked.

limits     how large and how slow a response may be
response   one HTTP response, read from its socket within those limits
adapter    the `requests` adapter that reads every response so
session    the session of a source: no redirect, no netrc, no host but its own
failures   exceptions of `requests` and of the limits as errors of our own
proxies    the proxy that the environment names, checked, and a tunnel through it
tls        the certificates that are trusted
origins    the addresses that a Reddit key may be sent to                             pure
"""
