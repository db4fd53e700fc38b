// Bytes and their spellings. Every value has one spelling; whoever reads writes again and compares.

import { Malformed } from "./refusal.js";

const encoder = new TextEncoder();
// A byte order mark is a character like any other here, and no permission to strip it.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The UTF-8 bytes of a text. */
export function utf8(text) {
  return encoder.encode(text);
}

/** The text that UTF-8 bytes are; throws Malformed with `reason` if they are not UTF-8. */
export function readUtf8(data, reason) {
  try {
    return decoder.decode(data);
  } catch {
    throw new Malformed(reason, "it is not UTF-8");
  }
}

/** Parts, one after the other. */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Whether two are the same bytes. */
export function equal(one, other) {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

/** Small hexadecimal digits, two for each byte. */
export function toHex(data) {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes that small hexadecimal digits stand for. */
export function fromHex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) {
    throw new Malformed("bad-hex", "it is not small hexadecimal digits");
  }
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Base64 after RFC 4648, section 4, with padding. */
export function toBase64(data) {
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
}

/** The bytes that base64 stands for, `size` of them if it is given. */
export function fromBase64(text, size) {
  let data;
  try {
    data = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  } catch {
    throw new Malformed("bad-base64", "it is not base64");
  }
  // `atob` forgives white space, missing padding and spare bits. The protocol does not.
  if (toBase64(data) !== text) {
    throw new Malformed("bad-base64", "it is base64 in another spelling");
  }
  if (size !== undefined && data.length !== size) {
    throw new Malformed("bad-base64", `it has ${data.length} bytes instead of ${size}`);
  }
  return data;
}
