// What the members of an entry may be: the words of the protocol's table, each a test of a value.

const LONGEST_WORD = 255;

export const pattern = (expression) => {
  const whole = new RegExp(`^(?:${expression})$`);
  return (value) => typeof value === "string" && whole.test(value);
};

export const integer = (least, most) => (value) =>
  typeof value === "number" && least <= value && value <= most;

export const TEXT = (value) => typeof value === "string";
export const WORD = (value) => TEXT(value) && value.length > 0 && value.length <= LONGEST_WORD;
export const DIGEST = pattern("[0-9a-f]{64}");
export const DECIMAL = pattern("(?!-0(?:\\.0+)?$)-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?");
export const COUNT = integer(0, Number.MAX_SAFE_INTEGER);
export const TIME = integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
export const FLAG = integer(0, 1);
