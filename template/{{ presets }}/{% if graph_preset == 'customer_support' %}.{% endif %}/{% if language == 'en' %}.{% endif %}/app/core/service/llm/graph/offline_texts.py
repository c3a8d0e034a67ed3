"""The offline model's words: what it listens for, and what it says."""

# In this order: a complaint about an order is a complaint.
WORDS = {
    "complaint": r"complain|broken|wrong|missing|damaged|unhappy|absurd|terrible|never arrived",
    "order": r"\border\b|\bparcel\b|\btracking\b",
    "faq": r"deliver|shipping|exchange|return|refund|pay|card|opening|hours|contact|e-?mail|cancel",
}

FAILED = (
    "I could not look that up just now. Please try again in a few minutes, or ask for a person."
)
WHICH_ORDER = "Which order is it? The number is in the e-mail that confirmed it."
NO_SUCH_ORDER = "I could not find an order {number}. Could you check the number? A person of our team can help too."
NOTHING = "I found nothing about that. Could you put it another way?"
FOUND = "This is what I found:\n\n{facts}\n\nIs there anything else I can do for you?"
GREETING = (
    "Hello! I am in **offline mode**: I answer from the sample data, without a language model. Ask, for instance, "
    "how long delivery takes or where order 1001 is; or ask for a person of our team."
)
