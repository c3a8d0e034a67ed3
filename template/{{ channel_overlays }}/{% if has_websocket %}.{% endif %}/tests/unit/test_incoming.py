from hypothesis import given, settings
from hypothesis import strategies as st

from domain.exceptions.business_exception import BusinessException
from interface.websocket.incoming import parse_object


@settings(max_examples=30)
@given(st.binary(max_size=60) | st.text(max_size=40) | st.just("[" * 5_000))
def test_whatever_arrives_is_an_object_or_refused(raw: bytes | str) -> None:
    try:
        assert isinstance(parse_object(raw), dict)
    except BusinessException as refusal:
        assert refusal.code in ("invalid_json", "invalid_request")
