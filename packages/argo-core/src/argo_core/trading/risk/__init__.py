"""The rules that an order meets before it is sent: pure functions with reasons and margins."""
