// Times at which a chart has a line, in UTC and in words, as the server chooses them.
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
const WEEK_S = 7 * DAY_S;
const MONTH_S = 30.44 * DAY_S;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const STEPS_S = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((each) => each * MINUTE_S),
  ...[1, 2, 3, 6, 12].map((each) => each * HOUR_S),
  ...[1, 2, 4].map((each) => each * DAY_S),
];
const STEPS_MONTHS = [1, 2, 3, 6, ...[1, 2, 5, 10, 20, 50, 100].map((each) => 12 * each)];
// Weeks begin on Mondays, and 1970 began on a Thursday.
const MONDAY_S = 4 * DAY_S;

const two = (number) => String(number).padStart(2, "0");
const dayWords = (at) => `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;

// Times in seconds from low to high, `most` + 1 or fewer.
export function timeTicks(low, high, most) {
  const extent = high - low;
  const step = STEPS_S.find((each) => extent / each <= most);
  if (step !== undefined) return every(low, high, step, 0);
  if (extent / WEEK_S <= most) return every(low, high, WEEK_S, MONDAY_S);
  const months = STEPS_MONTHS.find((each) => extent / (each * MONTH_S) <= most);
  return months === undefined ? [] : firstDays(low, high, months);
}

function every(low, high, step, offset) {
  const found = [];
  for (let at = Math.ceil((low - offset) / step) * step + offset; at <= high; at += step) {
    found.push(at);
  }
  return found;
}

function firstDays(low, high, months) {
  const found = [];
  const year = new Date(low * 1000).getUTCFullYear();
  let number = (year - (year % Math.max(1, Math.floor(months / 12)))) * 12;
  for (;;) {
    const at = Date.UTC(Math.floor(number / 12), number % 12, 1) / 1000;
    if (at > high) return found;
    if (at >= low) found.push(at);
    number += months;
  }
}

// What stands at each: what changed, an hour, a day at midnight, the year in January.
export function tickWords(ticks) {
  const dates = ticks.map((seconds) => new Date(seconds * 1000));
  const isMonths = ticks.length > 1 && ticks[1] - ticks[0] > 2 * WEEK_S;
  const isSeconds = dates.some((at) => at.getUTCSeconds() !== 0);
  return dates.map((at) => {
    if (isMonths || (ticks.length === 1 && at.getUTCDate() === 1)) {
      return at.getUTCMonth() === 0 ? String(at.getUTCFullYear()) : MONTHS[at.getUTCMonth()];
    }
    const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
    if (isSeconds) return `${clock}:${two(at.getUTCSeconds())}`;
    return clock === "00:00" ? dayWords(at) : clock;
  });
}

// A moment in full; of a day's end, which is the next one's beginning, the day itself.
export function timeWords(seconds, isDaily) {
  const at = new Date((seconds - (isDaily ? 1 : 0)) * 1000);
  const day = `${dayWords(at)} ${at.getUTCFullYear()}`;
  return isDaily ? day : `${day}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
}
