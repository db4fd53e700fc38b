"""What is shown of a backtest: JSON, a page that stands alone, charts, tables for notebooks."""
