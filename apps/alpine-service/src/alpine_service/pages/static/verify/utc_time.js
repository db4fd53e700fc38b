// Times as people read them, always UTC and always to the second.

const LARGEST_DATE_S = 8_640_000_000_000n;

/** Seconds since 1970, a BigInt, as `2026-03-02 12:00:05 UTC`; what no calendar has, as seconds. */
export function utcTime(seconds) {
  if (seconds > LARGEST_DATE_S) return `${seconds} s after 1970`;
  const [date, time] = new Date(Number(seconds) * 1000).toISOString().split("T");
  return `${date} ${time.slice(0, 8)} UTC`;
}
