import { z } from "zod";
import { rate } from "../core/units.ts";
import { chatSchema } from "./chat-schema.ts";
import { basisPoints, choice, decimalNumber, money, PERCENT, percent, text, whole, yesNo } from "./fields.ts";
import { gridSchema } from "./grid-schema.ts";

/** A path of a file that will be made or read; nothing that could be an option or hide a NUL. */
const filePath = () => text(/^[^\p{Cc}-][^\p{Cc}]*$/u, "name a file or folder");

const market = () =>
  text(
    /^(synthetic:\d{1,9}|(?!synthetic:)[^\p{Cc}-][^\p{Cc}]*)$/u,
    "write synthetic:SEED with a whole number, or the path of a candle file",
  );

const address = (form: RegExp, mend: string) => text(form, mend).optional();

/** Where secrets come from; read before everything else (`secret-source.ts`). */
export const secretsSchema = z.strictObject({
  provider: choice("env", "file", "aws-secrets-manager"),
  file: filePath().optional(),
  id: text(/^[A-Za-z0-9/_+=.@:-]{1,512}$/, "write the secret's name or ARN").optional(),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "write it like eu-central-1").optional(),
});

/** The settings file. Base keys have no defaults here: the shipped config/default.yaml is always the lowest layer. */
export const schema = z.strictObject({
  mode: choice("sim", "paper", "demo", "live"),
  exchange: choice("binanceusdm", "binancecoinm", "bybit", "okx"),
  carrier: choice("ccxt", "direct"),
  account: z.strictObject({
    name: text(/^[A-Za-z0-9_-]{1,24}$/, "letters, digits, - and _, 24 at most"),
    deposit: money(0.01, 50_000_000),
  }),
  market: market(),
  speed: decimalNumber(0.01, 1_000_000, " (1 is real time)"),
  desk: z.strictObject({
    name: text(/^[a-z0-9]{3}$/, "three of a-z and 0-9"),
    dataDir: filePath(),
    recordings: z.strictObject({ enabled: yesNo(), maxMb: whole(1, 1_000_000), keepRuns: whole(1, 10_000) }),
  }),
  risk: z.strictObject({
    leverageMax: whole(1, 3, ", higher leverage is not allowed"),
    grossLeverageMax: decimalNumber(0.1, 3),
    liquidationBufferPercent: percent(rate(20 * PERCENT), rate(90 * PERCENT)),
  }),
  engines: z.array(gridSchema),
  proposals: z.strictObject({
    expiresSeconds: whole(5, 3_600),
    recoveryExpiresSeconds: whole(30, 86_400),
    driftBps: basisPoints(1, 500),
    maxDataAgeSeconds: whole(1, 60),
  }),
  chat: chatSchema,
  secrets: secretsSchema,
  live: z.strictObject({
    startWith: choice("flatOnly", "adopt"),
    keyWithoutIpLimit: text(
      /^\S.{19,}$/s,
      "write who allows it and why, in 20 characters or more",
    ).optional(),
  }),
  redisUrl: address(/^rediss?:\/\/\S+$/, "write it as redis://:PASSWORD@HOST:6379, in .env as REDIS_URL"),
  databaseUrl: address(
    /^postgres(ql)?:\/\/\S+$/,
    "write it as postgres://USER:PASSWORD@HOST:5432/DATABASE, in .env as DATABASE_URL",
  ),
  log: z.strictObject({ file: filePath(), level: choice("debug", "info", "warn", "error") }),
  health: z.strictObject({ everySeconds: whole(5, 3_600) }),
});

/** What the schema hands on, before paths are made absolute and modes are compared. */
export type Parsed = z.output<typeof schema>;
