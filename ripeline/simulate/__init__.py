"""The time machine: the sweeps themselves, on a private copy of the base and a virtual clock, before anybody is mailed.

`base` copies and proves that nothing was written, `rates` and `visits` say how people answer, `machine` lets the days pass, `figures` reads
what became of them, `page` and `terminal` tell it.
"""
