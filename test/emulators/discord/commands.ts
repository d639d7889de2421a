import type { APIApplicationCommand } from "discord.js";
import { checkCommands } from "./command-rules.ts";
import type { Snowflakes } from "./snowflake.ts";

/** Where commands are registered: one guild, or everywhere. */
export type Scope = string | undefined;

/** The slash commands that a bot has registered, per guild and global. */
export class Commands {
  readonly #scopes = new Map<Scope, readonly APIApplicationCommand[]>();
  readonly #application: string;
  readonly #snowflakes: Snowflakes;

  constructor(application: string, snowflakes: Snowflakes) {
    this.#application = application;
    this.#snowflakes = snowflakes;
  }

  /** What is registered in a scope. */
  list(scope: Scope): readonly APIApplicationCommand[] {
    return this.#scopes.get(scope) ?? [];
  }

  /** Puts these commands in place of all others in a scope; one with a known name keeps its id. */
  replace(scope: Scope, commands: unknown): readonly APIApplicationCommand[] {
    checkCommands(commands);
    const before = this.list(scope);
    const after = commands.map((command): APIApplicationCommand => {
      const { name, type = 1 } = command as Pick<APIApplicationCommand, "name"> & { readonly type?: number };
      const known = before.find((each) => each.name === name && each.type === type);
      return {
        default_member_permissions: null,
        nsfw: false,
        ...command,
        name,
        description: String(command["description"] ?? ""),
        type,
        id: known?.id ?? this.#snowflakes.next(),
        application_id: this.#application,
        version: this.#snowflakes.next(),
        ...(scope === undefined ? {} : { guild_id: scope }),
      };
    });
    this.#scopes.set(scope, after);
    return after;
  }

  /** The slash command that a person sees under a name in a guild: the guild's own first. */
  find(name: string, guild: Scope): APIApplicationCommand | undefined {
    const seen = guild === undefined ? [] : this.list(guild);
    return [...seen, ...this.list(undefined)].find((command) => command.name === name);
  }
}
