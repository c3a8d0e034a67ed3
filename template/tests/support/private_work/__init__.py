"""Whatever a bot can be asked by people whose data are no part of a log: each channel's work.

A module has the EVENTS that its work must leave in the log, the bot's `settings` for it, whose own
servers end with the stack, and the `work`.
"""
