"""The offline model's words: what it listens for, and what it says."""

NEED = r"coffee|bean|grinder|french press|filter|subscription|gift|\bbuy|\bwant|\bneed|office"
YES = r"\b(?:yes|i(?:'|’)ll take|i like it|deal|how do i buy|where can i buy|sounds good)\b"

PITCH = "This suits what you are looking for:\n\n{offer}\n\nWhat do you think?"
OBJECTION = "I see your point. This is what I can promise:\n\n{offer}\n\nDoes that help?"
CLOSE = "A good choice! You can buy it at the address below; I do not place the order for you:\n\n{offer}"
FAREWELL = "No problem, and thank you for the conversation. Should you change your mind, the offer stays here:\n\n{offer}"
NURTURE = "Hello! I am in **offline mode**. How do you drink your coffee? I can suggest beans, a grinder or a subscription."
