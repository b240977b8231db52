"""HTTP requests: limits of size and time, proxies, and the allowed hosts.

limits             how large and how slow a response may be
response           one HTTP response, read from its socket within those limits
adapter            the `requests` adapter that enforces those limits
session            the session of a source: no redirects, no netrc, only the source's own hosts
retry              when to repeat a request, and how long to wait
error_translation  translates exceptions of `requests` and of the limits to our own errors
proxies            the proxy from the environment, checked, and a tunnel through it
tls                the trusted certificates
origins            the addresses that a Reddit key may be sent to                      pure
"""
