"""How good each source was: scores, calibration, controls and what a unit of skill costs."""
