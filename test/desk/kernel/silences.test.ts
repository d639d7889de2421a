import { expect, it } from "vitest";
import { newBook } from "../../../src/core/book.ts";
import { lots } from "../../../src/core/units.ts";
import { Silences } from "../../../src/desk/kernel/silences.ts";

const book = newBook("main", "BTCUSDT", "both");
const looks = (...sizes: readonly number[]) => {
  book.told = undefined;
  const silences = new Silences();
  book.foreign.lots = lots(0);
  return sizes.map((size) => silences.look([book], () => size));
};

it("a size that the stream told too, and no execution explains, is a doubt at once, and is told once", () => {
  const silences = new Silences();
  book.told = lots(-11);
  const look = (size: number) => silences.look([book], () => size);
  expect([look(-11), look(-11), look(-11)]).toEqual(["doubtful", "silent", undefined]);
});

it("the same other size twice is a silent stream, two different ones are a doubt, and one that fits ends both", () => {
  expect(looks(0, 2, 2, 2, 2)).toEqual([undefined, undefined, "silent", undefined, undefined]);
  expect(looks(2, 1, 3)).toEqual([undefined, "doubtful", undefined]);
  expect(looks(2, 0, 1, 0, 1)).toEqual(Array(5).fill(undefined));
  expect(looks(2, 1, 1)).toEqual([undefined, "doubtful", "silent"]);
});
