"""What must not be in a log: who the people in a test are, what they write, and their secrets."""

PHONE = "5511987654321"
EMAIL = "joaquina.prado@example.org"
CPF = "123.456.789-09"
NAME = "Joaquina"
TEXT = f"my parcel smells of jasmine, says {NAME}, CPF {CPF}, {EMAIL}"
TOKEN = "a-secret-that-opens-doors"
OPERATOR = "Perpetua"

PRIVATE_WORDS = (PHONE, "joaquina", CPF, "12345678909", NAME, "jasmine", TOKEN, OPERATOR)
