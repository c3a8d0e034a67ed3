"""The words by which the offline model hears that somebody wants to talk to a person."""

HUMAN = (
    r"\batendentes?\b|\bhuman[oa]\b|\boperador[a]?\b|\bpessoa de verdade\b|(?<!para )(?<!pra )\buma pessoa\b"
    r"|\b(?:falar com|chama\w*) algu[eé]m\b|\b(?:pass|transfer)\w+ (?:para|pra) (?:uma pessoa|algu[eé]m)\b"
)
