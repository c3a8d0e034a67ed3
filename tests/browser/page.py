"""The chat page, as the tests handle it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page


@dataclass(frozen=True, slots=True)
class Watched:
    """A page, and what went wrong on it: errors, warnings, dialogs."""

    page: Page
    problems: list[str] = field(default_factory=list)

    def ask(self, question: str) -> str:
        """Ask, and return the whole answer."""
        self.write(question)
        self.page.wait_for_selector(
            "body[data-turn=idle] .message:last-child[data-role=assistant][data-state=done]"
        )
        answer: str = self.page.inner_text(".message:last-child .content")
        return answer

    def write(self, question: str) -> None:
        """Write a question and send it."""
        self.page.wait_for_selector("#connection[data-state=online]")
        self.page.fill("#question", question)
        self.page.press("#question", "Enter")


StartBot = Callable[..., str]
OpenPage = Callable[..., Watched]
