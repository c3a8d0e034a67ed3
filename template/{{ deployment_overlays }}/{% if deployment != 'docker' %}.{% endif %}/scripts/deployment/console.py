"""What the commands say to the person at the terminal, and what they ask."""

import sys

from scripts.deployment import texts
from scripts.deployment.errors import DeploymentError


class Console:
    """The terminal; with `assume_yes` every question is answered with yes, without asking."""

    def __init__(self, *, assume_yes: bool = False) -> None:
        self._assume_yes = assume_yes

    @property
    def assumes_yes(self) -> bool:
        """Whether nobody is asked."""
        return self._assume_yes

    def say(self, line: str = "") -> None:
        """Print a line at once, also into a pipe."""
        print(line, flush=True)

    def confirm(self, question: str) -> bool:
        """Ask, and return whether the answer is yes.

        Raises:
            DeploymentError: nobody is there to answer.
        """
        if self._assume_yes:
            return True
        answer = self.ask(f"{question} {texts.YES_OR_NO} ")
        return answer.strip().lower() in texts.YES_ANSWERS

    def ask(self, prompt: str) -> str:
        """Return what the person types.

        Raises:
            DeploymentError: nobody is there to answer.
        """
        if not sys.stdin.isatty():
            raise DeploymentError(texts.NOBODY_TO_ASK.format(question=prompt.strip()))
        try:
            return input(prompt)
        except EOFError:
            raise DeploymentError(texts.NOBODY_TO_ASK.format(question=prompt.strip())) from None
