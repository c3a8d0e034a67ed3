"""The words by which the offline model hears that somebody wants to talk to a person."""

HUMAN = r"\batendentes?\b|\bhuman[oa]\b|\buma pessoa\b|\bpessoa de verdade\b|\boperador[a]?\b"
