"""The words by which the offline model hears that somebody wants to talk to a person."""

HUMAN = (
    r"\bhuman\b|\bagent\b|\brepresentative\b|\boperator\b|\bsomebody real\b|(?<!for )\ba (?:real )?person\b"
    r"|\b(?:speak|talk) (?:to|with) some(?:one|body)\b"
)
