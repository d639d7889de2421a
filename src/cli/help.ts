import { QUESTIONS } from "../settings/questions.ts";

/** Help of `perpdesk analyze`. */
export const ANALYZE_HELP = `perpdesk analyze LOG...: the figures of a trade log, from its GRID_ lines alone.

  LOG                a log of the desk, plain or gzip; several are read in order of time; - is standard input
  --json             one JSON document on stdout

Example: perpdesk analyze logs/perpdesk.log.1.gz logs/perpdesk.log --json`;

/** Help of `perpdesk audit`. */
export const AUDIT_HELP = `perpdesk audit verify: checks that nobody changed, cut or rewrote the audit ledger.

  --config FILE      settings over config/default.yaml, for where the ledger is
  --head HASH        a hash that a heartbeat posted (or its first 16 digits): an entry has to end with it

Example: perpdesk audit verify --head 3f9ac75b1eab5d6c`;

/** Help of `perpdesk backtest`. */
export const BACKTEST_HELP = `perpdesk backtest: runs an engine of your settings over old candles, at full speed.

  --engine NAME      the engine, by its name in the settings
  --config FILE      settings over config/default.yaml
  --candles FILE     CSV, plain or gzip; several with commas, one after the other or of several symbols
  --funding FILE     CSV time_ms,rate; without it the exchange's standing rate every 8 hours
  --from TIME        first candle, e.g. 2023-07-18 or 2023-07-18T12:00Z
  --to TIME          end, left out
  --seed N           of the depth around the price; 1 unless set
  --latency MS       market time that a request needs to the exchange; 0 unless set
  --trades FILE      writes every trade as CSV
  --equity FILE      writes the equity at the close of every candle as CSV
  --html FILE        writes one page with pictures
  --json             the result as one JSON document

Example: perpdesk backtest --engine grid-btc --config config/example-btc.yaml --candles BTCUSDT-1m.csv.gz --json`;

/** Help of `perpdesk confirm`. */
export const CONFIRM_HELP = `perpdesk confirm: a person confirms live trading at a terminal, for a desk that is started without one.

  --config FILE      the settings that the desk will be started with
  --mode MODE        live, where the settings do not say so

It checks the key, shows account, exchange and limits, and asks to type a sentence. What was typed is kept in the audit
ledger and holds until account, exchange, key or limits change. Nothing is started.
Example: perpdesk confirm --config config/live.yaml`;

/** Help of `perpdesk doctor`. */
export const DOCTOR_HELP = `perpdesk doctor: looks whether a start would go well, and says what to mend.

  --config FILE      settings over config/default.yaml
  --mode MODE        sim, paper, demo or live, instead of what the settings say
  --probe            sim and demo: tries with the smallest orders what the exchange does with stops, then cleans up
  --json             everything as one JSON document on stdout

It sends no message to anybody and, without --probe, no order. Exit code 1: something must be mended.
Example: perpdesk doctor --config config/chat.yaml`;

/** Help of `perpdesk init`. */
export const INIT_HELP = `perpdesk init: asks for the settings of a desk with one grid, sets its chat up, and writes them to a file.

  --out FILE         the file to write, my.yaml unless named; one that exists is left alone
  --answers FILE     answers from a YAML file of "name: value" lines instead of a terminal
  --yes              takes what is offered for every question
  --chat             sets a chat up and asks nothing else; writes my-chat.yaml unless named

At a terminal it then sets up Telegram, Discord, both or none: it checks the bot's token, shows a code that you send to the bot, so that it
knows who you are, learns from /here where alerts come, and writes a test message there. Tokens go into .env; it asks for no key of an
exchange. Names for --answers, with values and what is offered:

${helpLines()}

Example: perpdesk init --out my.yaml`;

/** Help of `perpdesk replay`. */
export const REPLAY_HELP = `perpdesk replay RECORDING: runs a flight recording again and compares every turn.

  RECORDING          a *.0001.ndjson file, or a folder (its newest run)
  --json             the result as one JSON document

Example: perpdesk replay var/recordings --json`;

/** Help of `perpdesk start`. */
export const START_HELP = `perpdesk start: runs the desk.

  --config FILE      settings over config/default.yaml
  --mode MODE        sim (default); paper: real prices, orders matched here; demo; live
  --market MARKET    sim: a candle file, or synthetic:SEED
  --speed N          sim: market seconds per second
  --venue URL        sim: attach to a running "perpdesk venue", e.g. http://127.0.0.1:7070
  --for DURATION     stop cleanly by itself, e.g. 60s, and print a summary
  --json             the summary as one JSON document on stdout

Example: perpdesk start --market synthetic:2 --speed 60 --for 60s`;

/** Help of `perpdesk totp`. */
export const TOTP_HELP = `perpdesk totp NAME: sets up the authenticator of a person, whose one-time codes the desk then takes.

  --config FILE      settings over config/default.yaml, for where the desk keeps its files
  --again            sets up a new one, the old one stops working
  --remove           removes it
  --json             one JSON document on stdout

It shows the secret once, here and nowhere else: chat, log and audit ledger never have it.
Example: perpdesk totp alice --config config/chat.yaml`;

/** Help of `perpdesk venue`. */
export const VENUE_HELP = `perpdesk venue: runs the built-in exchange for clients of Binance (or Bybit, OKX) on this machine.

  --port N           default 7070; 0 takes any free one
  --market MARKET    a candle file, or synthetic:SEED
  --speed N          market seconds per second
  --config FILE      settings over config/default.yaml (exchange, account, market, speed)
  --faults FAULTS    what goes wrong and when: a YAML file, or seed:N for a day of mishaps that a number draws
  --control          opens /control/... to this machine: orders, deposits, faults and state by hand

It prints {"listening": URL} when it is ready.
Example: perpdesk venue --port 7070 --market synthetic:1 --speed 60 --faults config/faults/rough-day.yaml`;

/** Help of `perpdesk watchdog`. */
export const WATCHDOG_HELP = `perpdesk watchdog: speaks up in the chats when the desk beside it gives no sign of life.

  --config FILE      the settings that the desk runs with, for its folder and its chats
  --mode MODE        the mode that the desk was started with, if it was given one

It reads the file that the desk writes every two seconds, sends with the desk's tokens, and hears nothing. It needs no
exchange keys. After health.watchdogSeconds of silence it says so on every platform, and once when the desk is back.
Example: perpdesk watchdog --config config/chat.yaml`;

/** Help of `perpdesk worker`. */
export const WORKER_HELP = `perpdesk worker: takes slow housekeeping off the desk (needs REDIS_URL).

  --config FILE      settings over config/default.yaml

Example: perpdesk worker`;

/** A line for each question, from the schema. */
function helpLines(): string {
  return QUESTIONS.map(({ id, parameter: { range, unit, standard, offer } }) => {
    const values = `${range}${unit === undefined ? "" : ` (${unit})`}`.replaceAll("`", "");
    const offered = standard ?? offer;
    return `  ${id.padEnd(25)} ${values}${offered === undefined ? "" : ` [${offered}]`}`;
  }).join("\n");
}
