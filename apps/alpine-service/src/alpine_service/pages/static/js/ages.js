// Keeps ages true: every <time data-age> says how long ago it was, as the server writes it.
const EVERY_MS = 5000;
const SUFFIX = " ago";

export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 172800) {
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    return minutes && hours < 10 ? `${hours} h ${minutes} min` : `${hours} h`;
  }
  return `${Math.floor(whole / 86400)} d`;
}

export function refreshAges(now = Date.now()) {
  for (const time of document.querySelectorAll("time[data-age]")) {
    const words = span((now - Date.parse(time.dateTime)) / 1000);
    const said = time.textContent.endsWith(SUFFIX) ? words + SUFFIX : words;
    // Writing what is there already would make the browser lay the page out for nothing.
    if (time.textContent !== said) time.textContent = said;
  }
}

setInterval(() => {
  if (!document.hidden) refreshAges();
}, EVERY_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refreshAges();
});
