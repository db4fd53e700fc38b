// Bytes as people compare them: where they are, what they are, and what they say.

/** Lines of `width` bytes each: the offset, the bytes in hexadecimal, and printable ASCII. */
export function hexdump(hex, width) {
  const pairs = hex.match(/../g) ?? [];
  const lines = [];
  for (let offset = 0; offset < pairs.length; offset += width) {
    const row = pairs.slice(offset, offset + width);
    const digits = row.join(" ").padEnd(3 * width - 1);
    const where = offset.toString(16).padStart(4, "0");
    lines.push(`${where}  ${digits}  ${row.map(character).join("")}`);
  }
  return lines.join("\n");
}

function character(pair) {
  const code = Number.parseInt(pair, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "·";
}
