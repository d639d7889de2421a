import { MessageFlags } from "discord.js";
import { renderDiscord, type Shown } from "./embed.ts";

/** A message as discord.js takes it, which changes the lists it is given. */
export const body = ({ embeds, components }: Shown) => ({
  embeds: embeds.map((embed) => ({ ...embed, fields: [...(embed.fields ?? [])] })),
  components: components.map((row) => ({ ...row, components: [...row.components] })),
});

/** A line that only the one who acted sees. */
export const hidden = (text: string) => ({
  ...body(
    renderDiscord({
      title: text.slice(0, 200),
      tone: "plain",
      ...(text.length > 200 ? { lines: [text] } : {}),
    }),
  ),
  flags: MessageFlags.Ephemeral as const,
});
