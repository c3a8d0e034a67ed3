"""Keeps the model's instructions out of what people are told (OWASP LLM07)."""

from app.core.texts import INSTRUCTIONS_WITHHELD

# Shorter openings could stand in an honest answer.
_SHORTEST_OPENING = 30


def opening_of(instructions: str) -> str:
    """Return the line by which a model begins that tells its instructions; empty if it is short.

    It speaks to the model ("You are the assistant of …"), so that no honest answer has it.
    """
    line = instructions.strip().partition("\n")[0].strip()
    return line if len(line) >= _SHORTEST_OPENING else ""


class InstructionGuard:
    """Watches the pieces of one answer: a piece is held back while it may begin the opening."""

    def __init__(self) -> None:
        self.opening = ""
        self._held = ""
        self._is_caught = False

    def admit(self, piece: str) -> str:
        """Return what may be shown now of the pieces so far."""
        if self._is_caught:
            return ""
        if not self.opening:
            return piece
        text = self._held + piece
        found = text.find(self.opening)
        self._is_caught = found >= 0
        end = found if self._is_caught else len(text) - self._begun_in(text)
        self._held = text[end:]
        return text[:end]

    def rest_of(self, answer: str, said: str) -> str:
        """Return what is to be said behind what was admitted, of the whole answer."""
        if self._is_caught or (self.opening and self.opening in answer):
            return f"\n\n{INSTRUCTIONS_WITHHELD}" if said.strip() else INSTRUCTIONS_WITHHELD
        # A node may have rewritten what had been shown; it stays as it was shown.
        return answer[len(said) :] if answer.startswith(said) else self._held

    def _begun_in(self, text: str) -> int:
        """Return how many of the last characters may be the beginning of the opening."""
        longest = min(len(text), len(self.opening) - 1)
        return next((n for n in range(longest, 0, -1) if self.opening.startswith(text[-n:])), 0)
