import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where a secret was found, and in which form; never the secret itself. */
export interface Leak {
  readonly where: string;
  readonly secret: string;
  readonly form: "raw" | "url" | "base64" | "hex";
}

/** One named place with all that is written in it. */
export interface Place {
  readonly where: string;
  readonly content: Buffer;
}

/** A text as a place. */
export const place = (where: string, text: string): Place => ({ where, content: Buffer.from(text, "utf8") });

/** Every file under a folder as a place, binary ones too (databases, their journals, Redis' own files). */
export function filesOf(folder: string): readonly Place[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ where: path.slice(folder.length + 1), content: readFileSync(path) }));
}

/**
 * Looks for secrets in places: as they are, URL-encoded, in hex, and in base64 at any of its three alignments. Written
 * for the tests alone: the product's redactor must not judge itself.
 */
export function findLeaks(
  secrets: Readonly<Record<string, string>>,
  places: readonly Place[],
): readonly Leak[] {
  const leaks: Leak[] = [];
  for (const [secret, text] of Object.entries(secrets)) {
    const forms = formsOf(text);
    for (const { where, content } of places) {
      const found = forms.find(({ bytes }) => content.includes(bytes));
      if (found !== undefined) leaks.push({ where, secret, form: found.form });
    }
  }
  return leaks;
}

function formsOf(text: string): readonly { readonly form: Leak["form"]; readonly bytes: Buffer }[] {
  const bytes = Buffer.from(text, "utf8");
  const base64 = [0, 1, 2].flatMap((shift) => {
    // Without the characters at the ends, which also depend on what stands around it.
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes, Buffer.alloc(3)]).toString("base64");
    const from = Math.ceil((shift * 8) / 6);
    const core = shifted.slice(from, Math.floor(((shift + bytes.length) * 8) / 6));
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return [
    { form: "raw", bytes },
    { form: "url", bytes: Buffer.from(encodeURIComponent(text)) },
    { form: "hex", bytes: Buffer.from(bytes.toString("hex")) },
    ...base64.map((core) => ({ form: "base64" as const, bytes: Buffer.from(core) })),
  ];
}
