from infra.tracing.masking import mask


def test_everything_inside_is_masked_and_what_is_no_text_stays() -> None:
    data = {
        "messages": [{"content": "ana@x.org"}, ("(11) 98765-4321", 3)],
        "bob@x.org": "CPF 123.456.789-09",
        "count": 7,
        3: None,
    }
    assert mask(data=data) == {
        "messages": [{"content": "<email>"}, ["<phone>", 3]],
        "<email>": "CPF <document>",
        "count": 7,
        3: None,
    }
