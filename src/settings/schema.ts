import { z } from "zod";
import { rate } from "../core/units.ts";
import { about } from "./about.ts";
import { chatSchema } from "./chat-schema.ts";
import {
  basisPoints,
  choice,
  decimalNumber,
  money,
  PERCENT,
  percent,
  text,
  whole,
  wholeOrNone,
  yesNo,
} from "./fields.ts";
import { gridSchema } from "./grid-schema.ts";

/** A path of a file that will be made or read; nothing that could be an option or hide a NUL. */
const filePath = () => text(/^[^\p{Cc}-][^\p{Cc}]*$/u, "name a file or folder");

const market = () =>
  text(
    /^(synthetic:\d{1,9}|(?!synthetic:)[^\p{Cc}-][^\p{Cc}]*)$/u,
    "write synthetic:SEED with a whole number, or the path of a candle file",
  );

const address = (form: RegExp, mend: string) => text(form, mend).optional();

/** An admin's written exception. */
const exception = () =>
  text(/^\S.{19,}$/s, "write who allows it and why, in 20 characters or more").optional();

/** Where secrets come from; read before everything else (`secret-source.ts`). */
export const secretsSchema = z.strictObject({
  provider: about(choice("env", "file", "aws-secrets-manager"), { help: "Which of the three." }),
  file: about(filePath().optional(), { range: "a file", help: "For `file`: where it lies." }),
  id: about(text(/^[A-Za-z0-9/_+=.@:-]{1,512}$/, "write the secret's name or ARN").optional(), {
    range: "a secret's name or ARN",
    help: "For `aws-secrets-manager`: which secret.",
  }),
  region: about(text(/^[a-z]{2}(-[a-z]+)+-\d$/, "write it like eu-central-1").optional(), {
    range: "like `eu-central-1`",
    help: "For `aws-secrets-manager`: where it is kept. Left out: `AWS_REGION`, then `AWS_DEFAULT_REGION`.",
  }),
});

/** The settings file. Base keys have no defaults here: the shipped config/default.yaml is always the lowest layer. */
export const schema = z.strictObject({
  mode: about(choice("sim", "paper", "demo", "live"), {
    help: "Where orders go: the built-in exchange, real prices with the built-in exchange, the exchange's demo trading, or for real. See [exchanges.md](exchanges.md#modes).",
    prompt: "Where do orders go (sim, paper, demo, live)?",
  }),
  exchange: about(choice("binanceusdm", "binancecoinm", "bybit", "okx"), {
    help: "Which exchange is traded on; in `sim`, whose instruments and protocol the built-in one plays. `paper` reads Binance USDT-M alone.",
    prompt: "Which exchange (binanceusdm, binancecoinm, bybit, okx)?",
  }),
  carrier: about(choice("ccxt", "direct"), {
    help: "What carries requests and streams. `direct` is our own client for Binance USDT-M, in `sim` and `live`: orders go over the exchange's order socket, a burst of them in one write.",
  }),
  account: z.strictObject({
    name: about(text(/^[A-Za-z0-9_-]{1,24}$/, "letters, digits, - and _, 24 at most"), {
      range: "letters, digits, `-`, `_`, 24 at most",
      help: "The account's name in the ledger and in the control door. Keep it: pauses and the confirmation of live trading belong to it.",
      prompt: "What is the account called?",
    }),
    positionMode: about(choice("oneWay", "hedge"), {
      help: "How the account counts positions: one a symbol, or long and short side by side. Set the same on the exchange; the built-in one takes it from here.",
      prompt: "One position a symbol, or long and short side by side (oneWay, hedge)?",
    }),
    deposit: about(money(0.01, 50_000_000), {
      unit: "settle asset",
      help: "What the built-in exchange starts with, in the asset that the contracts settle in: USDT, or coins. All purses together may not be more.",
      prompt: "What does the built-in exchange start with?",
    }),
  }),
  market: about(market(), {
    range: "`synthetic:SEED`, or a file's path",
    help: "Where the built-in exchange takes its prices from. See [venue.md](venue.md#where-prices-come-from).",
    prompt: "Where do its prices come from (synthetic:SEED, or a candle file)?",
  }),
  speed: about(decimalNumber(0.01, 1_000_000, " (1 is real time)"), {
    unit: "market seconds a second",
    help: "How fast the market's time runs, in `sim`. Times in milliseconds and waits for people run on your own clock.",
    prompt: "How many market seconds run in one of yours?",
  }),
  desk: z.strictObject({
    name: about(text(/^[a-z0-9]{3}$/, "three of a-z and 0-9"), {
      range: "three of a-z, 0-9",
      help: "The desk's mark in its order ids. Two desks on one account need two names. Epochs, pauses and cards belong to mode, exchange, account and this name together.",
    }),
    dataDir: about(filePath(), { range: "a folder", help: "Where database and recordings lie." }),
    recordings: z.strictObject({
      enabled: about(yesNo(), { help: "Whether a flight recording is written." }),
      maxMb: about(whole(1, 1_000_000), {
        unit: "megabytes",
        help: "Size of one part of a recording; a run goes on in the next part.",
      }),
      keepRuns: about(whole(1, 10_000), {
        unit: "runs",
        help: "Recordings that are kept, this run included. Older runs are removed at start.",
      }),
    }),
  }),
  risk: z.strictObject({
    leverageMax: about(whole(1, 3, ", higher leverage is not allowed"), {
      unit: "times",
      help: "No engine may use more. An entry leaves only after the exchange has confirmed a leverage within it.",
    }),
    grossLeverageMax: about(decimalNumber(0.1, 3), {
      unit: "times",
      help: "Worth of everything held and of all open entries, over the account's equity.",
    }),
    liquidationBufferPercent: about(percent(rate(20 * PERCENT), rate(90 * PERCENT)), {
      unit: "percent",
      help: "No entry leaves if the liquidation price would be nearer than this after it.",
    }),
    lastStop: about(yesNo(), {
      help: "Whether a stop that closes the whole position rests beyond the stops of its engines. For an exchange that refuses a triggered stop while take profits cover the position, which `perpdesk doctor --probe` finds out: with the desk dead nobody would close then. Binance alone.",
    }),
    cancelAfterSeconds: about(wholeOrNone(15, 120), {
      unit: "seconds",
      help: "When the exchange has not heard from the desk for so long, it takes entries and take profits back by itself; 0: it does not. Binance for each symbol of the engines, OKX for the whole account, orders by hand included; not Bybit. See [operating.md](operating.md#when-the-desk-falls-silent).",
    }),
    stopsSurviveCancelAfter: about(yesNo(), {
      help: "Your word that stops stay when the exchange does so, as `perpdesk doctor --probe` found. Without it there is no `cancelAfterSeconds`.",
    }),
  }),
  engines: z.array(gridSchema),
  proposals: z.strictObject({
    expiresSeconds: about(whole(5, 3_600), { unit: "seconds", help: "How long a card can be decided." }),
    recoveryExpiresSeconds: about(whole(120, 86_400), {
      unit: "seconds",
      help: "How long a card about a stuck rung can be decided; then happens what the card said. A lone admin decides some of them only after a minute.",
    }),
    panicUndoSeconds: about(whole(0, 30), {
      unit: "seconds",
      help: "How long a panic can be taken back before anything is closed; entries are paused meanwhile. 0: not at all.",
    }),
    closeNotionalMax: about(money(0.01, 50_000_000), {
      unit: "settle asset",
      help: "A close that is worth more is not for whoever asked alone: another person with the role risk approves it, or, where there is none, the same one a minute later.",
    }),
    closeLossMax: about(money(0.01, 50_000_000), {
      unit: "settle asset",
      help: "The same for a close that realizes a larger loss, fees included.",
    }),
    driftBps: about(basisPoints(1, 500), {
      unit: "basis points",
      help: "If the expected fill has moved further since the card was shown, it is quoted anew instead of carried out.",
    }),
    maxDataAgeSeconds: about(whole(1, 60), {
      unit: "seconds",
      help: "If the last price is older at approval, the card is quoted anew.",
    }),
  }),
  chat: chatSchema,
  secrets: secretsSchema,
  live: z.strictObject({
    startWith: about(choice("flatOnly", "adopt"), {
      help: "What a key's first live start does when it finds orders or positions: `flatOnly` waits until there are none, `adopt` takes the desk's own into their rungs, the rest is foreign.",
    }),
    keyWithoutIpLimit: about(exception(), {
      range: "20 characters or more",
      help: "An admin's written exception for a key that works from any address: who allows it and why. It goes into the ledger.",
    }),
    gridWithoutStops: about(exception(), {
      range: "20 characters or more",
      help: "An admin's written exception for a grid with `stop_loss_enabled: false`: who allows it and why. It is confirmed with the typed sentence and goes into the ledger.",
      prompt: "Who allows a grid without stops, and why?",
    }),
  }),
  redisUrl: about(
    address(/^rediss?:\/\/\S+$/, "write it as redis://:PASSWORD@HOST:6379, in .env as REDIS_URL"),
    {
      range: "`redis://:PASSWORD@HOST:PORT` or `rediss://`",
      help: "Redis for jobs. Without it they live in the desk's own process.",
    },
  ),
  databaseUrl: about(
    address(
      /^postgres(ql)?:\/\/\S+$/,
      "write it as postgres://USER:PASSWORD@HOST:5432/DATABASE, in .env as DATABASE_URL",
    ),
    {
      range: "`postgres://USER:PASSWORD@HOST:PORT/DATABASE`",
      help: "PostgreSQL. Without it: SQLite in `desk.dataDir`.",
    },
  ),
  log: z.strictObject({
    file: about(filePath(), { range: "a file", help: "The log, one JSON document a line." }),
    level: about(choice("debug", "info", "warn", "error"), {
      help: "What is written to the log. Trades are always written.",
    }),
  }),
  health: z.strictObject({
    everySeconds: about(whole(5, 3_600), { unit: "seconds", help: "Time between two health checks." }),
    heartbeatMinutes: about(whole(5, 1_440), {
      unit: "minutes",
      help: "Time between two messages that the desk lives; each names the hash that its audit ledger ends with.",
    }),
    watchdogSeconds: about(whole(10, 3_600), {
      unit: "seconds",
      help: "`perpdesk watchdog` speaks up when the desk gives no sign of life for so long.",
    }),
  }),
});

/** What the schema hands on, before paths are made absolute and modes are compared. */
export type Parsed = z.output<typeof schema>;
