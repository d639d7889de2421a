import type { Shown } from "./embed.ts";

/** What Discord takes at most; discord.js itself checks only some of it (six buttons in a row pass its builders). */
export const DISCORD_LIMITS = {
  title: 256,
  description: 4096,
  fields: 25,
  fieldName: 256,
  fieldValue: 1024,
  footer: 2048,
  /** All texts of all embeds of a message together. */
  total: 6000,
  embeds: 10,
  rows: 5,
  buttonsInRow: 5,
  label: 80,
  customId: 100,
} as const;

/** What Discord would refuse about a message, or undefined. */
export function problemOf({ embeds, components }: Shown): string | undefined {
  const limits = DISCORD_LIMITS;
  const checks: (readonly [string, number, number])[] = [
    ["embeds", embeds.length, limits.embeds],
    ["rows", components.length, limits.rows],
    ...components.map(
      ({ components: row }) => ["buttons in a row", row.length, limits.buttonsInRow] as const,
    ),
    ...components.flatMap(({ components: row }) =>
      row.flatMap(({ label, custom_id }) => [
        ["label", label.length, limits.label] as const,
        ["custom_id", custom_id.length, limits.customId] as const,
      ]),
    ),
  ];
  let total = 0;
  for (const { title, description = "", fields = [], footer } of embeds) {
    const footerLength = footer?.text.length ?? 0;
    checks.push(
      ["title", title.length, limits.title],
      ["description", description.length, limits.description],
      ["fields", fields.length, limits.fields],
      ["footer", footerLength, limits.footer],
    );
    total += title.length + description.length + footerLength;
    for (const { name, value } of fields) {
      checks.push(
        ["field name", name.length, limits.fieldName],
        ["field value", value.length, limits.fieldValue],
      );
      total += name.length + value.length;
    }
  }
  checks.push(["texts", total, limits.total]);
  const over = checks.find(([, length, max]) => length > max);
  return over === undefined ? undefined : `${over[0]} has ${over[1]} of at most ${over[2]}`;
}
