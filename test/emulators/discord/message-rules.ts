import { checkComponents } from "./component-rules.ts";
import { checkEmbeds } from "./embed-rules.ts";
import { FormErrors, problems } from "./problem.ts";

/** Flags of a message that the emulator knows by their bits. */
export const FLAGS = {
  suppressEmbeds: 1 << 2,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppressNotifications: 1 << 12,
  componentsV2: 1 << 15,
} as const;

/** The content of a message as a bot sends it: JSON of any kind until it is checked. */
export type MessageBody = Readonly<Record<string, unknown>>;

const CONTENT_LENGTH_MAX = 2_000;
const NONCE_LENGTH_MAX = 25;

/** How a message's content comes: as a new message or an edit, with how many files, under which path, to a message of which kind. */
export interface MessageContext {
  readonly isNew: boolean;
  readonly fileCount: number;
  readonly isV2?: boolean;
  readonly at?: readonly string[];
}

/** Checks what a bot sends or edits; refuses with 50035 and the path of each mistake, or with 50006 when there is nothing in it. */
export function checkMessage(body: MessageBody, context: MessageContext): void {
  const { isNew, fileCount, at = [] } = context;
  const errors = new FormErrors(at);
  const isV2 = context.isV2 === true || (Number(body["flags"] ?? 0) & FLAGS.componentsV2) !== 0;
  errors.length(["content"], body["content"], 0, CONTENT_LENGTH_MAX);
  checkEmbeds(body["embeds"], errors);
  checkComponents(body["components"], isV2, errors);
  if (typeof body["nonce"] === "string") errors.length(["nonce"], body["nonce"], 0, NONCE_LENGTH_MAX);
  checkMentions(body["allowed_mentions"], errors);
  if (isV2) {
    for (const field of ["content", "embeds", "poll", "sticker_ids"]) {
      if (isFilled(body[field])) {
        errors.add(
          [field],
          "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
          `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
        );
      }
    }
  }
  errors.refuse();
  const hasContent = ["content", "embeds", "components", "poll", "sticker_ids"].some((name) =>
    isFilled(body[name]),
  );
  if (isNew && !hasContent && fileCount === 0) throw problems.emptyMessage();
}

function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "string") return value.trim() !== "";
  return value !== undefined && value !== null;
}

function checkMentions(mentions: unknown, errors: FormErrors): void {
  if (mentions === undefined || mentions === null) return;
  const { parse = [], users = [], roles = [] } = mentions as Readonly<Record<string, string[]>>;
  for (const [index, kind] of parse.entries()) {
    if (!["users", "roles", "everyone"].includes(kind)) {
      errors.add(
        ["allowed_mentions", "parse", index],
        "BASE_TYPE_CHOICES",
        "Value must be one of ('users', 'roles', 'everyone').",
      );
    }
  }
  errors.count(["allowed_mentions", "users"], users.length, 0, 100);
  errors.count(["allowed_mentions", "roles"], roles.length, 0, 100);
  const isExclusive = (kind: string, ids: readonly string[]) => parse.includes(kind) && ids.length > 0;
  if (isExclusive("users", users) || isExclusive("roles", roles)) {
    errors.add(
      ["allowed_mentions"],
      "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
      "parse:[users] and users: [ids...] are mutually exclusive.",
    );
  }
}
