"""A broker on paper: it fills orders from quotes, charges fees and refuses as brokers do; pure."""
