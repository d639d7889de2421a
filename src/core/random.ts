import { invariant } from "./invariant.ts";

/** A seeded stream of chance: the same seed gives the same numbers on every machine. */
export interface Random {
  /** A whole number from 0 up to but not including `bound`. */
  below(bound: number): number;
  /** A number from 0 up to but not including 1, in steps of 2^-32. */
  unit(): number;
  /** An independent stream that does not disturb this one's future. */
  fork(label: string): Random;
}

/**
 * Makes a generator from a seed and a label.
 * @see xoshiro128** by Blackman and Vigna (2018), seeded through the 32-bit mix of MurmurHash3.
 */
export function seeded(seed: number, label = ""): Random {
  invariant(Number.isSafeInteger(seed), "a seed is a whole number");
  // The upper half is mixed before it is folded in: plainly, -13 and 12 would be one seed.
  let hash = hashText(label, (seed ^ mix(Math.floor(seed / 2 ** 32) >>> 0)) >>> 0);
  const word = (): number => {
    hash = (hash + 0x9e3779b9) >>> 0;
    return mix(hash);
  };
  const state: [number, number, number, number] = [word(), word(), word(), word() | 1];
  const next = (): number => {
    const [a, b, c, d] = state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    state[2] = c ^ a;
    state[3] = d ^ b;
    state[1] = b ^ state[2];
    state[0] = a ^ state[3];
    state[2] ^= b << 9;
    state[3] = rotate(state[3], 11);
    return result;
  };
  const unit = (): number => next() / 2 ** 32;
  return {
    unit,
    below: (bound) => {
      invariant(Number.isSafeInteger(bound) && bound > 0 && bound <= 2 ** 32, "a bound is from 1 to 2^32");
      return Math.floor(unit() * bound);
    },
    fork: (name) => seeded(seed, `${label}/${name}`),
  };
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

function mix(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A 32-bit hash of a text (FNV-1a, then mixed): for seeds and short tags, never for secrets. */
export function hashText(text: string, start = 0): number {
  let hash = (0x811c9dc5 ^ start) >>> 0;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return mix(hash);
}
