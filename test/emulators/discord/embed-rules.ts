import type { APIEmbed } from "discord.js";
import type { FormErrors } from "./problem.ts";

const EMBEDS_MAX = 10;
const TOTAL_LENGTH_MAX = 6_000;
const FIELDS_MAX = 25;

/** Checks the embeds of a message: counts, the length of each part, and 6,000 characters for all together. */
export function checkEmbeds(embeds: unknown, errors: FormErrors): void {
  if (embeds === undefined || embeds === null) return;
  if (!Array.isArray(embeds)) {
    errors.add(["embeds"], "LIST_TYPE_CONVERT", "Could not interpret value as list.");
    return;
  }
  errors.count(["embeds"], embeds.length, 0, EMBEDS_MAX);
  let total = 0;
  for (const [index, embed] of (embeds as Partial<APIEmbed>[]).entries()) {
    const at = ["embeds", index];
    errors.length([...at, "title"], embed.title, 0, 256);
    errors.length([...at, "description"], embed.description, 0, 4_096);
    if (embed.footer) errors.length([...at, "footer", "text"], embed.footer.text, 1, 2_048);
    if (embed.author) errors.length([...at, "author", "name"], embed.author.name, 1, 256);
    for (const name of ["url", "image", "thumbnail"] as const) checkUrl(embed, name, at, errors);
    if (embed.color !== undefined && embed.color !== null && !(embed.color >= 0 && embed.color <= 0xffffff)) {
      errors.add([...at, "color"], "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.");
    }
    const fields = embed.fields ?? [];
    errors.count([...at, "fields"], fields.length, 0, FIELDS_MAX);
    for (const [place, field] of fields.entries()) {
      errors.length([...at, "fields", place, "name"], field.name, 1, 256);
      errors.length([...at, "fields", place, "value"], field.value, 1, 1_024);
    }
    const texts = [embed.title, embed.description, embed.footer?.text, embed.author?.name];
    for (const field of fields) texts.push(field.name, field.value);
    total += texts.reduce((sum, text) => sum + [...(text ?? "")].length, 0);
  }
  if (total > TOTAL_LENGTH_MAX) {
    errors.add(
      ["embeds"],
      "MAX_EMBED_SIZE_EXCEEDED",
      `Embed size exceeds maximum size of ${TOTAL_LENGTH_MAX}`,
    );
  }
}

function checkUrl(
  embed: Partial<APIEmbed>,
  name: "url" | "image" | "thumbnail",
  at: readonly (string | number)[],
  errors: FormErrors,
): void {
  const value = embed[name];
  const url = typeof value === "string" ? value : value?.url;
  if (url === undefined || /^(https?|attachment):\/\/\S+$/.test(url)) return;
  const path = name === "url" ? [...at, name] : [...at, name, "url"];
  errors.add(
    path,
    "URL_TYPE_INVALID_SCHEME",
    `Scheme "${url.split(":")[0]}" is not supported. Scheme must be one of ('http', 'https').`,
  );
}
