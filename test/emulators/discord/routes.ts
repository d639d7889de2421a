import type { APIMessage, RESTPostAPIInteractionCallbackWithResponseResult } from "discord.js";
import type { Commands } from "./commands.ts";
import type { Directory } from "./directory.ts";
import { ANSWER, type Interaction, type Interactions } from "./interactions.ts";
import { FLAGS, type MessageBody } from "./message-rules.ts";
import { type Files, isEphemeral, type Messages } from "./messages.ts";
import { problems } from "./problem.ts";

/** One REST call, its path taken apart. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly files: Files;
}

/** What came of a call: status and body for the bot; message and interaction for the journal. */
interface Outcome {
  readonly status: number;
  readonly body?: unknown;
  readonly message?: APIMessage;
  readonly interaction?: Interaction;
}

/** One route of Discord's API. Interaction routes carry their own token and count for no limit. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly kind: "messages" | "others" | "interaction";
  readonly run: (call: Call) => Outcome;
}

/** What the routes work on. */
export interface RouteParts {
  readonly directory: Directory;
  readonly messages: Messages;
  readonly interactions: Interactions;
  readonly commands: Commands;
  readonly gatewayUrl: () => string;
  readonly leave: (guild: string) => void;
}

/** All routes that the emulator knows. */
export function routesOf(parts: RouteParts): readonly Route[] {
  return [...messageRoutes(parts), ...interactionRoutes(parts), ...otherRoutes(parts)];
}

function messageRoutes({ directory, messages }: RouteParts): Route[] {
  const all = "/channels/:channel/messages";
  const one = `${all}/:message`;
  const own = ({ params }: Call): APIMessage => {
    directory.channel(at(params, "channel"));
    const message = messages.get(at(params, "channel"), at(params, "message"));
    if (message.author.id !== directory.bot.id) throw problems.missingPermissions();
    return message;
  };
  return [
    route("POST", all, "messages", ({ params, body, files }) =>
      sent(messages.send(at(params, "channel"), fields(body), files)),
    ),
    route("PATCH", one, "messages", ({ params, body, files }) =>
      sent(messages.edit(at(params, "channel"), at(params, "message"), fields(body), files)),
    ),
    route("DELETE", one, "messages", (call) => {
      const message = own(call);
      messages.remove(message);
      return { status: 204, message };
    }),
    route("GET", one, "others", ({ params }) => {
      directory.channel(at(params, "channel"));
      return ok(messages.get(at(params, "channel"), at(params, "message")));
    }),
    route("GET", all, "others", ({ params, query }) => {
      const { id } = directory.channel(at(params, "channel"));
      const limit = Math.min(100, Number(query.get("limit") ?? 50));
      return ok(messages.list(id).slice(-limit).toReversed());
    }),
    route("POST", "/channels/:channel/typing", "others", ({ params }) => {
      directory.writable(at(params, "channel"));
      return { status: 204 };
    }),
  ];
}

function interactionRoutes({ interactions, messages }: RouteParts): Route[] {
  const hook = "/webhooks/:application/:token";
  const one = `${hook}/messages/:message`;
  const known = (call: Call) => {
    const interaction = interactions.byToken(at(call.params, "token"));
    return { interaction, message: interactions.message(interaction, at(call.params, "message")) };
  };
  return [
    route(
      "POST",
      "/interactions/:interaction/:token/callback",
      "interaction",
      ({ params, query, body, files }) => {
        const id = at(params, "interaction");
        const interaction = interactions.acknowledge(id, at(params, "token"), fields(body), files);
        const isShown = interaction.answer !== ANSWER.deferUpdate && interaction.original !== undefined;
        const message = isShown ? messages.find(interaction.original ?? "") : undefined;
        const journal = { interaction, ...(message === undefined ? {} : { message }) };
        if (query.get("with_response") !== "true") return { status: 204, ...journal };
        return { status: 200, body: response(interaction, message), ...journal };
      },
    ),
    route("POST", hook, "interaction", ({ params, body, files }) => {
      const interaction = interactions.byToken(at(params, "token"));
      return { ...sent(interactions.followUp(interaction, fields(body), files)), interaction };
    }),
    route("GET", one, "interaction", (call) => ok(known(call).message)),
    route("PATCH", one, "interaction", (call) => {
      const { interaction, message } = known(call);
      return { ...sent(messages.change(message, fields(call.body), call.files)), interaction };
    }),
    route("DELETE", one, "interaction", (call) => {
      const { interaction, message } = known(call);
      messages.remove(message);
      return { status: 204, message, interaction };
    }),
  ];
}

function otherRoutes({ directory, commands, gatewayUrl, leave }: RouteParts): Route[] {
  const limit = { total: 1_000, remaining: 999, reset_after: 14_400_000, max_concurrency: 1 };
  const inGuild = "/applications/:application/guilds/:guild/commands";
  const guildOf = ({ params }: Call): string => {
    const guild = at(params, "guild");
    if (!directory.joined.includes(guild) || !directory.takesCommands(guild)) throw problems.missingAccess();
    return guild;
  };
  const person = (id: unknown): string => {
    if (typeof id !== "string" || !directory.has(id)) throw problems.unknownUser();
    return id;
  };
  return [
    route("GET", "/gateway", "others", () => ok({ url: gatewayUrl() })),
    route("GET", "/gateway/bot", "others", () =>
      ok({ url: gatewayUrl(), shards: 1, session_start_limit: limit }),
    ),
    route("GET", inGuild, "others", (call) => ok(commands.list(guildOf(call)))),
    route("PUT", inGuild, "others", (call) => ok(commands.replace(guildOf(call), call.body))),
    route("GET", "/applications/:application/commands", "others", () => ok(commands.list(undefined))),
    route("PUT", "/applications/:application/commands", "others", ({ body }) =>
      ok(commands.replace(undefined, body)),
    ),
    route("GET", "/users/@me", "others", () => ok(directory.bot)),
    route("GET", "/applications/@me", "others", () => ok(application(directory))),
    route("POST", "/users/@me/channels", "others", ({ body }) =>
      ok(directory.dm(person(fields(body)["recipient_id"]))),
    ),
    route("DELETE", "/users/@me/guilds/:guild", "others", ({ params }) => {
      leave(at(params, "guild"));
      return { status: 204 };
    }),
    route("GET", "/users/:user", "others", ({ params }) => ok(directory.user(person(params["user"])))),
    route("GET", "/guilds/:guild/members/:user", "others", (call) => {
      guildOf(call);
      return ok(directory.member(person(call.params["user"])));
    }),
    route("GET", "/channels/:channel", "others", ({ params }) =>
      ok(directory.channel(at(params, "channel"))),
    ),
  ];
}

/** The bot's application, as far as the bot itself asks. */
const application = ({ bot, needsCodeGrant }: Directory) => ({
  id: bot.id,
  name: bot.username,
  bot_public: true,
  bot_require_code_grant: needsCodeGrant,
});

function route(method: string, path: string, kind: Route["kind"], run: Route["run"]): Route {
  return { method, path, kind, run };
}

function ok(body: unknown): Outcome {
  return { status: 200, body };
}

function sent(message: APIMessage): Outcome {
  return { status: 200, body: message, message };
}

function at(params: Call["params"], name: string): string {
  return params[name] ?? "";
}

function fields(body: unknown): MessageBody {
  return typeof body === "object" && body !== null ? (body as MessageBody) : {};
}

/** What `with_response` brings: the interaction, and the message that the answer made or changed. */
function response(
  interaction: Interaction,
  message: APIMessage | undefined,
): RESTPostAPIInteractionCallbackWithResponseResult {
  const { id, kind, answer } = interaction;
  const shown =
    message === undefined
      ? {}
      : {
          response_message_id: message.id,
          response_message_loading: ((message.flags ?? 0) & FLAGS.loading) !== 0,
          response_message_ephemeral: isEphemeral(message),
        };
  const resource =
    answer === undefined ? {} : { resource: { type: answer, ...(message === undefined ? {} : { message }) } };
  return { interaction: { id, type: kind, ...shown }, ...resource };
}
