"""The words that tell nothing of what somebody looks for, without accents."""

NOISE = """
about and are but can does for from get have how its just long much not one only that the
their them there this what when where which with you your
"""
