"""Meta delivers a message, twice."""

from app.core.service.whatsapp.signature import SIGNATURE_HEADER, sign
from scripts.whatsapp_stand_in import Sender, delivery_of, text_message, to_json
from tests.support.recorded_functions import Elsewhere, RecordedFunction

VARIABLES = {"WHATSAPP_PHONE_NUMBER_ID": "1122334455667"}
_SECRET = "app-secret"


def work(http: RecordedFunction, elsewhere: Elsewhere) -> None:
    """Deliver, and deliver again."""
    sender = Sender(phone="5511987654321", name="Ana")
    body = to_json(delivery_of([text_message(sender, "Hello!")], [sender], "1122334455667"))
    for _ in range(2):
        http.ask("POST", "/webhook/whatsapp", body, {SIGNATURE_HEADER: sign(_SECRET, body)})
