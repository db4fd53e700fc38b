// Values of charts in words, as the server writes them.
const MINUS = "\u2212";
const THIN = "\u202f";

const apart = (text) => {
  const negative = text.startsWith("-") && /[1-9]/.test(text);
  const [whole, rest] = text.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  return (negative ? MINUS : "") + grouped + (rest === undefined ? "" : `.${rest}`);
};

// A value with so many decimals, in the words of its unit.
export function numberWords(value, { unit, digits }) {
  if (unit === "price") return apart(value.toFixed(digits));
  if (unit === "part") return `${apart((value * 100).toFixed(digits))}${THIN}%`;
  const text = apart((value / 100).toFixed(digits));
  const sign = /[1-9]/.test(text) && !text.startsWith(MINUS) ? "+" : "";
  return `${sign}${text}${THIN}%`;
}

// How many decimals tell ticks of that step apart.
export function digitsFor(step, unit) {
  const scaled = step * { price: 1, change: 0.01, part: 100 }[unit];
  return Math.min(8, Math.max(0, -Math.floor(Math.log10(scaled) + 1e-9)));
}
