/** One thing that `doctor` looked at. */
export interface Finding {
  readonly name: string;
  /** `note`: works, but is worth knowing. `mend`: a start would fail or be unsafe. */
  readonly verdict: "ok" | "note" | "mend";
  /** What was found; for `note` and `mend` also what to do. */
  readonly text: string;
}

/** Findings of one name. */
export const about = (name: string) => ({
  ok: (text: string): Finding => ({ name, verdict: "ok", text }),
  note: (text: string): Finding => ({ name, verdict: "note", text }),
  mend: (text: string): Finding => ({ name, verdict: "mend", text }),
});

/** What a check finds; one that fails in a way that nobody foresaw is something to mend, too. */
export async function checked(
  name: string,
  look: () => Promise<readonly Finding[]> | readonly Finding[],
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.split("\n").map((line) => about(name).mend(line));
  }
}
