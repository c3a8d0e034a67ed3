"""The words that tell nothing of what somebody looks for, without accents."""

NOISE = """
about and are can does for from get have how its long much that the their them there
this what when where which with you your
"""
