from evals.cases import CONVERSATIONS, UTTERANCES, Conversation, read_cases
from evals.choices import read_utterances
from evals.task import CHOICES


def test_the_cases_are_read_with_their_labels() -> None:
    utterance = read_utterances(UTTERANCES, CHOICES)[-1]
    assert (utterance.route, utterance.slots) == ("order", {"order_number": "5005"})
    assert read_cases(CONVERSATIONS, Conversation)[-1].name == "an order that is not theirs"
