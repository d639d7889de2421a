/** A whole number too long for a double to hold every digit: order ids of some symbols have nineteen. */
const LONG = /[:[,]\s*\d{16}/;
/** Strings, which stay as they are, and long whole numbers outside of them. */
const STRING_OR_LONG = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])\d{16,}(?![\d.eE])/g;

/**
 * Parses JSON without losing digits: whole numbers of 16 and more digits come as text. One look over the text where there
 * is none. Throws `SyntaxError`, as `JSON.parse` does.
 */
export const exactJson = (json: string): unknown =>
  JSON.parse(
    LONG.test(json)
      ? json.replace(STRING_OR_LONG, (found) => (found.startsWith('"') ? found : `"${found}"`))
      : json,
  );
