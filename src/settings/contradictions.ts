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
