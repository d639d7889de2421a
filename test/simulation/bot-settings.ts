import { ONE, rate, value } from "../../src/core/units.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { ACCOUNT, DESK, type Scenario, SPEED } from "./scenario.ts";

/** The part of the settings that a desk's core is configured from, as shipped but for names and speed. */
export function settingsOf(scenario: Scenario): Settings {
  const part = {
    mode: "sim",
    account: {
      name: ACCOUNT,
      deposit: scenario.deposit,
      positionMode: scenario.isHedge ? "hedge" : "oneWay",
    },
    speed: scenario.speed ?? SPEED,
    desk: { name: DESK },
    risk: {
      leverageMax: 3,
      grossLeverageMax: 3,
      liquidationBuffer: rate(ONE / 5),
      lastStop: scenario.lastStop,
    },
    proposals: {
      expiresMs: 60_000,
      recoveryExpiresMs: 600_000,
      panicUndoMs: 0,
      closeNotionalMax: value(1_000_000 * ONE),
      closeLossMax: value(1_000_000 * ONE),
      drift: rate(ONE / 500),
      maxDataAgeMs: 5_000,
    },
    chat: {
      newPeople: "none",
      people: scenario.people ?? [
        { name: "alice", role: "admin" },
        { name: "bob", role: "admin" },
      ],
      terminal: { person: "alice" },
    },
  } satisfies Partial<Record<keyof Settings, unknown>>;
  return part as unknown as Settings;
}
