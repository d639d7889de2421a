import { ApplicationCommandOptionType, ApplicationCommandType } from "discord.js";
import type { AnyCommand } from "../command.ts";
import { cut, oneLine } from "../layout.ts";

/** The registry as Discord's slash commands: required options first, choices as autocomplete. */
export function slashCommands(registry: readonly AnyCommand[]): readonly Readonly<Record<string, unknown>>[] {
  return registry.map(({ name, description, args }) => ({
    type: ApplicationCommandType.ChatInput,
    name,
    description: cut(oneLine(description), 100),
    options: [...args]
      .sort((a, b) => Number(b.isRequired) - Number(a.isRequired))
      .map((each) => ({
        type: ApplicationCommandOptionType.String,
        name: each.name,
        description: cut(oneLine(each.description), 100),
        required: each.isRequired,
        autocomplete: each.choices !== undefined,
        max_length: 100,
      })),
  }));
}
