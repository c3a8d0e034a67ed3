"""The offline model's words: what it listens for, and what it says."""

# The rest of a phrase, and the part of it that is about one thing.
_REST = r"[^,.;!?\n]*"
_PART = r"[^,.;!?\n]*?(?=[,.;!?\n]|\b(?:and|but|because)\b|$)"

DEVICE = r"phone|laptop|computer|(?<!from the )router|\btv\b|tablet|console|all of them|all (?:the )?devices"
PROBLEM = r"slow|drops|dropping|no internet|not connect|no signal|freez"
SYMPTOM = rf"light{_REST}|at night|far {_REST}|all devices|only (?:on|in){_REST}|since{_REST}|password{_REST}"
TRIED = rf"(?:restart|reset|reboot)\w*{_PART}|replaced{_PART}|unplugged{_PART}"
# A device that is named here is not the one of the problem.
ASIDE = rf"(?:router{_REST}?)?light{_PART}|{TRIED}"

QUESTIONS = {
    "device": "On which device does it happen: phone, laptop, TV, or on all of them?",
    "problem": "What happens: is the internet slow, does it drop, or does it not connect at all?",
    "symptoms": "What else did you notice? For instance a light of the router, or the time of day.",
}
AFTER_REPORT = (
    "I hope it helps. If it still does not work, tell me what you notice now, or ask for a person."
)

KNOWN = "**What I know**"
CAUSES = "**Probable causes**"
FAILED = "I could not look the causes up just now. Please try again in a few minutes."
NOTHING = "No known cause fits. Please talk to your provider's support desk."
