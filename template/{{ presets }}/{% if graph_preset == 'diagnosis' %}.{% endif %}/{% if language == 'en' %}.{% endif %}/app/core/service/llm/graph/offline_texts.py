"""The offline model's words: what it listens for, and what it says."""

DEVICE = r"phone|laptop|computer|(?<!from the )router|\btv\b|tablet|console|all of them|all (?:the )?devices"
PROBLEM = r"slow|drops|dropping|no internet|not connect|no signal|freez"
SYMPTOM = r"light[^,.;]*|at night|far [^,.;]*|all devices|only (?:on|in)[^,.;]*|since[^,.;]*|password[^,.;]*"
TRIED = r"restart\w*[^,.;]*|replaced[^,.;]*|unplugged[^,.;]*"

QUESTIONS = {
    "device": "On which device does it happen: phone, laptop, TV, or on all of them?",
    "problem": "What happens: is the internet slow, does it drop, or does it not connect at all?",
    "symptoms": "What else did you notice? For instance a light of the router, or the time of day.",
}

KNOWN = "**What I know**"
CAUSES = "**Probable causes**"
FAILED = "I could not look the causes up just now. Please try again in a few minutes."
NOTHING = "No known cause fits. Please talk to your provider's support desk."
