"""WhatsApp where processes die and parts fail: nothing acknowledged is lost, all is answered once.

Rounds: FIRE_WHATSAPP_ROUNDS (20) and FIRE_WHATSAPP_MESSAGES (40) in each.
"""

import asyncio
import random
import time
from pathlib import Path

from tests.support.bedrock_fake import Ending, Failure, Hangup, Reply, Script, Silence
from tests.support.table_proxy import Mood, TableProxy
from tests.support.tables import Tables
from tests.support.waiting import eventually

from .conftest import Figures, SetScene
from .whatsapp_drill import (
    RepeatingModel,
    Scene,
    Written,
    people,
    scene,
    setting,
    written_by,
)

ROUNDS = int(setting("ROUNDS", 20))
MESSAGES = int(setting("MESSAGES", 40))
_PEOPLE = 10
_SPREAD_SECONDS = 3.0
# A dead process's lock ends after 10 s, what it took from the queue shows again after 30 s.
_RECOVERY_SECONDS = 90.0
# A turn may last for 180 s.
_SILENCE_SECONDS = 200.0
# What was accepted so long before a kill may not have been noted, on a machine that is busy.
_WINDOW_SECONDS = 1.0


def _messages() -> list[Written]:
    senders = people(_PEOPLE)
    return [written_by(senders[number % _PEOPLE]) for number in range(MESSAGES)]


async def test_whoever_is_killed_loses_nothing(
    mode: str, set_scene: SetScene, figures: Figures
) -> None:
    model = RepeatingModel(pause=1.0)
    written: list[Written] = []
    killed_at: list[float] = []
    async with set_scene(model) as drill:
        bot = await drill.bot()
        for _ in range(ROUNDS):
            messages = _messages()
            written += messages
            drill.meta.serve(bot)
            delivering = asyncio.create_task(drill.meta.deliver_all(messages, _SPREAD_SECONDS))
            await asyncio.sleep(random.uniform(0.2, _SPREAD_SECONDS + 2.0))  # noqa: S311
            await bot.crash()
            killed_at.append(time.monotonic())
            bot = await drill.bot()
            drill.meta.serve(bot)
            await delivering
            await drill.meta.all_answered(messages, _RECOVERY_SECONDS)
        await drill.is_quiet()
        sends = drill.meta.sends()
        twice = {word: times for word, times in sends.items() if len(times) > 1}
        unexplained = [
            times
            for times in twice.values()
            if not any(0 <= at - times[0] <= _WINDOW_SECONDS for at in killed_at)
        ]
        faults = await drill.faults_in_history(written)
        answered = sum(message.word in sends for message in written)
        figures(
            f"WhatsApp, {mode}: killed {ROUNDS} times",
            cases=len(written),
            passed=answered,
            figure=f"{len(twice)} second replies ({len(unexplained)} unexplained), at most"
            f" {max(map(len, sends.values()))} sends; {len(drill.meta.apologies())} apologies;"
            f" {len(faults)} faults in the history",
        )
        assert answered == len(written)
        assert max(map(len, sends.values())) <= 2
        assert unexplained == []
        assert drill.meta.apologies() == []
        assert faults == []


async def test_whoever_is_asked_to_stop_finishes_and_leaves_the_rest(
    mode: str, set_scene: SetScene, figures: Figures
) -> None:
    model = RepeatingModel(pause=setting("STOP_MODEL_SECONDS", 5.0))
    written: list[Written] = []
    stops: list[float] = []
    left: list[float] = []
    async with set_scene(model) as drill:
        bot, other = await drill.bot(), await drill.bot()
        for _ in range(ROUNDS):
            messages = _messages()
            written += messages
            drill.meta.serve(bot)
            delivering = asyncio.create_task(drill.meta.deliver_all(messages, _SPREAD_SECONDS))
            await asyncio.sleep(random.uniform(0.5, _SPREAD_SECONDS + 5.0))  # noqa: S311
            drill.meta.serve(other)
            asked_at = time.monotonic()
            code = await bot.stop()
            stops.append(time.monotonic() - asked_at)
            assert code == 0
            await delivering
            left.append(await drill.meta.all_answered(messages, _RECOVERY_SECONDS))
            bot, other = other, await drill.bot()
        await drill.is_quiet()
        sends = drill.meta.sends()
        once = sum(len(sends.get(message.word, ())) == 1 for message in written)
        cut = sum(request.aborted for request in model.requests)
        again = [word for word, times in model.asked.items() if times > 1]
        faults = await drill.faults_in_history(written)
        figures(
            f"WhatsApp, {mode}: asked to stop {ROUNDS} times",
            cases=len(written),
            passed=once,
            figure=f"stopped within {max(stops):.1f} s, the rest answered by the other replica"
            f" within {max(left):.1f} s more; {cut} turns cut, {len(again)} asked again;"
            f" {len(faults)} faults in the history",
        )
        assert once == len(written)
        assert max(stops) <= 30
        assert cut == 0
        assert again == []
        assert drill.meta.apologies() == []
        assert faults == []


async def test_of_two_replicas_one_is_killed(
    mode: str, set_scene: SetScene, figures: Figures
) -> None:
    model = RepeatingModel(pause=2.0)
    async with set_scene(model) as drill:
        bot, other = await drill.bot(), await drill.bot()
        messages = _messages()
        drill.meta.serve(bot, other)
        delivering = asyncio.create_task(drill.meta.deliver_all(messages, _SPREAD_SECONDS))
        await asyncio.sleep(_SPREAD_SECONDS / 2)
        await bot.crash()
        drill.meta.serve(other)
        await delivering
        seconds = await drill.meta.all_answered(messages, _RECOVERY_SECONDS)
        await drill.is_quiet()
        await _report(drill, messages, figures, f"WhatsApp, {mode}: one of two killed", seconds)


async def test_the_table_is_away_for_a_while(
    mode: str, dynamodb_endpoint: str, set_scene: SetScene, figures: Figures
) -> None:
    model = RepeatingModel(pause=2.0)
    away_seconds = setting("AWAY_SECONDS", 30.0)
    proxy = TableProxy(dynamodb_endpoint)
    async with set_scene(model, proxy.url) as drill:
        drill.meta.serve(await drill.bot())
        messages = _messages()
        delivering = asyncio.create_task(drill.meta.deliver_all(messages, _SPREAD_SECONDS))
        await asyncio.sleep(_SPREAD_SECONDS / 2)
        proxy.mood = Mood.AWAY
        await asyncio.sleep(away_seconds)
        proxy.mood = Mood.SERVING
        await delivering
        seconds = await drill.meta.all_answered(messages, _RECOVERY_SECONDS)
        await drill.is_quiet()
        name = f"WhatsApp, {mode}: the table away for {away_seconds:.0f} s"
        await _report(drill, messages, figures, name, seconds)
    proxy.close()


FAULTS: tuple[Script, ...] = (
    *(
        Failure(kind, status)
        for kind, status in (
            ("AccessDeniedException", 403),
            ("ExpiredTokenException", 403),
            ("InternalServerException", 500),
            ("ModelErrorException", 424),
            ("ModelNotReadyException", 429),
            ("ModelTimeoutException", 408),
            ("ResourceNotFoundException", 404),
            ("ServiceQuotaExceededException", 400),
            ("ServiceUnavailableException", 503),
            ("ThrottlingException", 429),
            ("ValidationException", 400),
            ("", 502),
        )
    ),
    *(
        Reply(exception=kind)
        for kind in (
            "internalServerException",
            "modelStreamErrorException",
            "modelTimeoutException",
            "serviceUnavailableException",
            "throttlingException",
            "validationException",
        )
    ),
    *(Reply(ending=ending) for ending in Ending if ending is not Ending.COMPLETE),
    Hangup(),
    Silence(),
)


async def test_whatever_the_model_does_costs_one_sentence(
    dynamodb_endpoint: str, tables: Tables, tmp_path: Path, figures: Figures
) -> None:
    scripts = {f"fault-{number}": fault for number, fault in enumerate(FAULTS)}
    model = RepeatingModel(0.0, scripts)
    senders = people(len(FAULTS))
    async with scene(dynamodb_endpoint, tables, tmp_path, model) as drill:
        drill.meta.serve(await drill.bot())
        graph = drill.meta.graph
        faulty = [written_by(sender, about) for sender, about in zip(senders, scripts, strict=True)]
        started_at = time.monotonic()
        await drill.meta.deliver_all(faulty, 1.0)
        await eventually(lambda: len(graph.sent) == len(FAULTS), _SILENCE_SECONDS)
        seconds = time.monotonic() - started_at
        sound = [written_by(sender) for sender in senders]
        await drill.meta.deliver_all(sound, 1.0)
        await drill.meta.all_answered(sound, 30.0)
        await drill.is_quiet()
        replies = [graph.texts_to(str(sender.phone)) for sender in senders]
        right = sum(
            len(texts) == 2 and faulty[n].word not in texts[0] and sound[n].word in texts[1]
            for n, texts in enumerate(replies)
        )
        figures(
            "WhatsApp: every error, cut and silence of the model",
            cases=len(FAULTS),
            passed=right,
            figure=f"one sentence each, the next question answered; at most {seconds:.0f} s",
        )
        assert right == len(FAULTS)


async def _report(
    drill: Scene, messages: list[Written], figures: Figures, name: str, seconds: float
) -> None:
    sends = drill.meta.sends()
    once = sum(len(sends.get(message.word, ())) == 1 for message in messages)
    most = max(map(len, sends.values()))
    faults = await drill.faults_in_history(messages)
    figures(
        name,
        cases=len(messages),
        passed=once,
        figure=f"all answered {seconds:.1f} s after the last was acknowledged; at most {most}"
        f" sends; {len(drill.meta.apologies())} apologies; {len(faults)} faults in the history",
    )
    assert most <= 2
    assert drill.meta.apologies() == []
    assert faults == []
