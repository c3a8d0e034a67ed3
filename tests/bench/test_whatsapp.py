"""How soon Meta has its answer, while the bot also replies."""

from pathlib import Path

from tests.support.bots import BotProcess
from tests.support.tables import Tables

from tests.bench.conftest import SHORT, Note, StartFloor, StartModel, within
from tests.bench.load import percentile
from tests.fire.whatsapp_drill import Meta, RepeatingModel, people, scene, written_by

_PER_SECOND, _SECONDS = (10, 2) if SHORT else (40, 15)
# What Meta asks of a webhook: a median of 250 ms, and less than one in a hundred above a second.
_TARGETS = ((50, 250.0), (99, 1000.0))


@within(180)
async def test_acknowledgement_of_a_delivery(
    dynamodb_endpoint: str,
    tables: Tables,
    tmp_path: Path,
    start_floor: StartFloor,
    start_model: StartModel,
    figure: Note,
) -> None:
    floor = await start_floor(await start_model(0))
    model = RepeatingModel(pause=0.0)
    async with scene(dynamodb_endpoint, tables, tmp_path, model) as drill:
        bot = await drill.bot()
        least, measured = [await _milliseconds(drill.meta, subject) for subject in (floor, bot)]
    for percent, target in _TARGETS:
        name = f"WhatsApp acknowledged p{percent}, {_PER_SECOND} deliveries a second"
        value = percentile(measured, percent)
        figure(name, "ms", value, floor=percentile(least, percent), target=target)


async def _milliseconds(meta: Meta, subject: BotProcess) -> list[float]:
    meta.serve(subject)
    messages = [written_by(sender) for sender in people(_PER_SECOND * _SECONDS)]
    await meta.deliver_at(messages, _PER_SECOND)
    assert not meta.refused, meta.refused
    return [message.milliseconds[-1] for message in messages]
