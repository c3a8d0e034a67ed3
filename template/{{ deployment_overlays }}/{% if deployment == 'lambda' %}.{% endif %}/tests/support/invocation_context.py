"""What Lambda tells a function of the invocation."""

from types import SimpleNamespace

# An invocation with plenty of time.
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)
