"""What a check finds, a line each."""

from dataclasses import dataclass

from scripts import check_whatsapp_texts as texts


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, and how much it matters: a note is for the owner to judge."""

    label: str
    text: str

    @property
    def is_wrong(self) -> bool:
        return self.label == texts.WRONG

    def line(self) -> str:
        return f"{self.label:<{_WIDTH}} {self.text}"


_WIDTH = max(len(label) for label in (texts.WELL, texts.NOTE, texts.WRONG))


def well(text: str) -> Finding:
    return Finding(texts.WELL, text)


def note(text: str) -> Finding:
    return Finding(texts.NOTE, text)


def wrong(text: str) -> Finding:
    return Finding(texts.WRONG, text)
