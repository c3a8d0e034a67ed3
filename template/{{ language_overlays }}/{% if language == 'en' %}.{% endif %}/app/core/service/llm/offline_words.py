"""The words by which the offline model hears that somebody wants to talk to a person."""

HUMAN = (
    r"\bhuman\b|\ba (?:real )?person\b|\bsomebody real\b|\bagent\b|\brepresentative\b|\boperator\b"
)
