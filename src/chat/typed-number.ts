/**
 * A typed number without the commas between its thousands. Where they stand anywhere else it stays as it is, and reads as no
 * number: "0,62" is neither 62 nor, in half of the world, anything but 0.62.
 */
export const withoutThousands = (typed: string): string =>
  /^[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(typed) ? typed.replaceAll(",", "") : typed;
