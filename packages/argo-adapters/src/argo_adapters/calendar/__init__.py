"""When markets trade: a table generated from the exchange's calendar."""
