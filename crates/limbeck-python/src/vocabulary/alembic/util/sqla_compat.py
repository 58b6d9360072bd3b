"""Flags and helpers by version."""

sqla_14 = sqla_2 = sqla_2_0_25 = sqla_2_1 = True
