"""The words that tell nothing of what somebody looks for, without accents."""

NOISE = """
com como das dos esse essa esta este isso mais meu minha nas nos onde para pela pelo
por pra quais qual quando quanta quanto que quem sem seu sua tem uma
"""
