import { engineTag } from "../core/ids.ts";
import { moneyText } from "../core/text.ts";
import { gridContradictions } from "./grid-contradictions.ts";
import type { Path } from "./path.ts";
import type { GridSettings, PersonSettings, Settings } from "./settings.ts";

/** Settings that are each fine but don't fit together: where, and a sentence without a place. */
export interface Contradiction {
  readonly path: Path;
  readonly text: string;
}

/** Finds all of them. What depends on an instrument is found by `layGrid`. */
export function contradictions(settings: Settings): readonly Contradiction[] {
  return [
    ...settings.engines.flatMap((grid, index) => gridContradictions(grid, index, settings)),
    ...ofEngines(settings),
    ...ofPeople(settings),
    ...ofMode(settings),
    ...ofCountdown(settings),
  ];
}

function ofEngines(settings: Settings): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const tags = new Map<string, string>();
  const directions = new Map<string, GridSettings>();
  settings.engines.forEach((grid, index) => {
    const path: Path = ["engines", index];
    const twin = tags.get(engineTag(grid.name));
    if (twin !== undefined) {
      const reason = twin === grid.name ? "is used twice" : `has the same mark in order ids as "${twin}"`;
      found.push({
        path: [...path, "name"],
        text: `engines[${index}].name "${grid.name}" ${reason}: give it another name.`,
      });
    }
    tags.set(engineTag(grid.name), grid.name);
    const first = directions.get(grid.symbol);
    const isOneWay = settings.account.positionMode === "oneWay";
    if (isOneWay && first !== undefined && first.direction !== grid.direction) {
      found.push({
        path: [...path, "direction"],
        text: `engines[${index}].direction is ${grid.direction}, but "${first.name}" already ${first.direction}s ${grid.symbol}: in one-way mode engines on a symbol share a direction, use another symbol, another account or hedge mode.`,
      });
    }
    if (first === undefined) directions.set(grid.symbol, grid);
  });
  const purses = settings.engines.reduce((sum, grid) => sum + grid.maxMargin, 0);
  const isRehearsal = settings.mode === "sim" || settings.mode === "paper";
  if (isRehearsal && purses > settings.account.deposit) {
    found.push({
      path: ["engines"],
      text: `the purses (max_margin_usd) of all engines are ${moneyText(purses as GridSettings["maxMargin"])}, but account.deposit is ${moneyText(settings.account.deposit)}: lower the purses or raise the deposit.`,
    });
  }
  return found;
}

function ofPeople({ chat }: Settings): readonly Contradiction[] {
  const found: Contradiction[] = [];
  for (const id of ["name", "telegramId", "discordId"] as const) {
    const seen = new Map<string, PersonSettings>();
    chat.people.forEach((person, index) => {
      const own = person[id]?.toLowerCase();
      if (own === undefined) return;
      if (seen.has(own)) {
        found.push({
          path: ["chat", "people", index, id],
          text: `chat.people[${index}].${id} ${person[id]} is used twice: every person has one entry with one role.`,
        });
      }
      seen.set(own, person);
    });
  }
  if (!chat.people.some((person) => person.name === chat.terminal.person)) {
    found.push({
      path: ["chat", "terminal", "person"],
      text: `chat.terminal.person is "${chat.terminal.person}", who is not in chat.people: name one of ${chat.people.map((person) => person.name).join(", ") || "the people you add there"}.`,
    });
  }
  return found;
}

function ofMode({ mode, exchange, carrier, chat, speed, risk }: Settings): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (risk.lastStop && (exchange === "bybit" || exchange === "okx")) {
    found.push({
      path: ["risk", "lastStop"],
      text: `risk.lastStop is true, but the desk places it on Binance alone, not on ${exchange}: set it to false.`,
    });
  }
  if (carrier === "direct" && (exchange !== "binanceusdm" || mode === "paper" || mode === "demo")) {
    found.push({
      path: ["carrier"],
      text: `carrier is direct, which speaks to binanceusdm in sim and live mode alone, not to ${exchange} in ${mode}: set carrier: ccxt.`,
    });
  }
  if (mode === "sim") return found;
  if (mode === "paper" && exchange !== "binanceusdm") {
    found.push({
      path: ["exchange"],
      text: `exchange is ${exchange}, but paper mode reads Binance USDT-M alone: set exchange: binanceusdm, or rehearse ${exchange} with mode sim or demo.`,
    });
  }
  if (speed !== 1) {
    found.push({
      path: ["speed"],
      text: `speed is ${speed}, but ${mode} mode runs on the real clock: remove speed.`,
    });
  }
  for (const platform of ["telegram", "discord"] as const) {
    if (chat[platform]?.apiRoot === undefined) continue;
    found.push({
      path: ["chat", platform, "apiRoot"],
      text: `chat.${platform}.apiRoot is only for sim mode: in ${mode} mode the desk speaks to the real ${platform} only, remove it.`,
    });
  }
  return found;
}

/** Each call weighs 10, three in a countdown's time: a quarter of Binance's weight is the most that they may take. */
const SYMBOLS_PER_SECOND = 1 / 3;

/** The exchange's countdown: whether it exists, may be used, and can be kept from ending while the desk lives. */
function ofCountdown({ exchange, mode, speed, engines, risk }: Settings): readonly Contradiction[] {
  const { cancelAfterSeconds: seconds, stopsSurviveCancelAfter } = risk;
  if (seconds === 0) return [];
  const path: Path = ["risk", "cancelAfterSeconds"];
  const is = `risk.cancelAfterSeconds is ${seconds}, but`;
  if (exchange === "bybit")
    return [
      {
        path,
        text: `${is} bybit has no such countdown, only a protection that its support sets up for an account: set it to 0.`,
      },
    ];
  if (!stopsSurviveCancelAfter)
    return [
      {
        path,
        text: `${is} nobody says that stops survive it: run perpdesk doctor --probe in sim or demo mode; if it finds so, set risk.stopsSurviveCancelAfter: true, else set risk.cancelAfterSeconds: 0.`,
      },
    ];
  const symbols = new Set(engines.map(({ symbol }) => symbol)).size;
  if (exchange !== "okx" && symbols > seconds * SYMBOLS_PER_SECOND)
    return [
      {
        path,
        text: `${is} ${symbols} symbols need more requests for it than a quarter of the exchange's limit: set it to ${symbols * 3} or more, or to 0.`,
      },
    ];
  if (exchange === "okx" && mode === "sim" && speed !== 1)
    return [
      {
        path,
        text: `${is} the built-in okx counts market seconds, and at speed ${speed} the desk could not keep up: set speed: 1, or set it to 0.`,
      },
    ];
  return [];
}
