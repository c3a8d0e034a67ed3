"""The offline model's words: what it listens for, and what it says."""

WORDS = {
    "faq": r"deliver|shipping|exchange|return|refund|pay|card|opening|hours|contact|e-?mail",
    "sales": r"buy|price|cost|coffee|bean|grinder|french press|filter|subscription|product|stock",
}

FAILED = "I could not look that up just now. Please try again in a few minutes."
NOTHING = "I found nothing about that in the shop. Could you put it another way?"
FOUND = "This is what I found:\n\n{facts}\n\nIs there anything else I can do for you?"
GREETING = (
    "Hello! I am in **offline mode**: I answer from the sample data, without a language model. "
    "Ask, for instance, how long delivery takes or what the coffee beans cost."
)
