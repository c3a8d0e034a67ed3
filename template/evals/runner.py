"""Puts the cases to the bot, some at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from evals.calls import CallWatch
from evals.cases import Conversation, Utterance
from evals.choices import Choice, choice_of
from evals.errors import EvalsError
from evals.judging import judge_conversation, judge_utterance
from evals.results import Outcome
from evals.talk import Answer, Talk

_CANNED_ANSWER = (
    "MiniStack answered in the model's place: its MINISTACK_BEDROCK_PROXY_URL is unset, or what is"
    " behind it failed; nothing was scored"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many cases run at once, and how many seconds an answer may take."""

    concurrency: int
    seconds: float


class Runner:
    """One run; `watch` knows of its model calls."""

    def __init__(
        self,
        agent: BaseOrchestratorService,
        choices: Mapping[str, Choice],
        limits: Limits,
        on_progress: Callable[[int], None],
    ) -> None:
        self.watch = CallWatch()
        self._agent = agent
        self._choices = choices
        self._limits = limits
        self._free = asyncio.Semaphore(limits.concurrency)
        self._on_progress = on_progress
        self._done = 0

    async def run(
        self, utterances: Sequence[Utterance], conversations: Sequence[Conversation]
    ) -> list[Outcome]:
        """Return the outcome of each case, in their order.

        Raises:
            EvalsError: something else answered than the model.
        """
        cases = [partial(self._utterance, case) for case in utterances]
        cases += [partial(self._conversation, case) for case in conversations]
        outcomes = await asyncio.gather(*map(self._in_turn, cases))
        if self.watch.has_canned_answer:
            raise EvalsError(_CANNED_ANSWER)
        return [outcome for outcome in outcomes if outcome is not None]

    async def _in_turn(self, case: Callable[[], Awaitable[Outcome]]) -> Outcome | None:
        async with self._free:
            if self.watch.has_canned_answer:
                return None
            outcome = await case()
        self._done += 1
        self._on_progress(self._done)
        return outcome

    async def _utterance(self, case: Utterance) -> Outcome:
        started, error, decided = time.monotonic(), "", None
        choice = choice_of(case, self._choices)
        assert choice is not None
        try:
            async with asyncio.timeout(self._limits.seconds):
                decided = await choice.decide(self._agent, case, self.watch)
        except Exception as failure:
            # Whatever goes wrong is the outcome of this case, and the others go on.
            error = _told(failure)
        return Outcome(
            case=case.name,
            checks=judge_utterance(case, decided),
            error=error,
            seconds=_since(started),
        )

    async def _conversation(self, case: Conversation) -> Outcome:
        started, error = time.monotonic(), ""
        talk = Talk(self._agent, self.watch)
        answers: list[Answer] = []
        try:
            for turn in case.turns:
                async with asyncio.timeout(self._limits.seconds):
                    answers.append(await talk.say(turn.says))
                if answers[-1].handoff:
                    break
        except Exception as failure:
            error = _told(failure)
        return Outcome(
            case=case.name,
            checks=judge_conversation(case, answers),
            said=tuple(
                line
                for turn, answer in zip(case.turns, answers, strict=False)
                for line in (turn.says, answer.text)
            ),
            error=error,
            seconds=_since(started),
        )


def _told(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}".removesuffix(": ")


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
