"""What counts in the published record and what is overdue: the words that all questions share.

`RESOLVED`, `HIDDEN` and `POSITION` are spelled as in the indices over them.
"""

RESOLVED = "audience = 0 AND return_bp IS NOT NULL"
"""Condition: it has a return, and everybody may see it."""

POSITION = "greatest(outcome_index, revealed_index)"
"""The entry with which a resolved signal came into the count; an open one has no reveal."""

HIDDEN = "audience IS DISTINCT FROM 0"
"""Condition: not everybody may see it."""

# What the log promised is a span, and no longer one than its strategy registered. It begins when a
# witness saw the commit: the log's own clock could put the end off for ever.
PROMISED = """
SELECT signals.*, coalesce(official_s * 1000000, decided_us)
    + least(reveal_after_us - decided_us, registered.span_us) AS promised_us
FROM signals LEFT JOIN (
    SELECT strategy,
        (convert_from(registration, 'UTF8')::jsonb ->> 'reveal_after_s')::bigint * 1000000
            AS span_us
    FROM strategies
) registered ON registered.strategy = signals.strategy
"""
"""Signals with `promised_us`, when their reveal is due; NULL where none was promised."""

# While the log is not heard, nothing of it becomes overdue: it may have revealed it.
DUE = """
SELECT least($1, (SELECT (extract(epoch FROM max(heard_at)) * 1000000)::bigint FROM feed_head))
    - $2 AS due
"""
"""One row with `due`: hidden signals with a `promised_us` below it are overdue.

$1 is the time now and $2 the grace, in microseconds.
"""
