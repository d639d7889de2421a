import type { SocketTarget } from "../../gateways/reroute.ts";
import { Board } from "../../market/board.ts";
import { firstPrices } from "../grids.ts";
import type { GatewayParts, OpenExchange } from "../open-gateway.ts";
import { openGateway } from "../open-gateway.ts";
import { about, type Finding } from "./finding.ts";
import { type StopAnswers, StopProbe } from "./stop-probe.ts";

/** What a probe brought: for people, and as data. */
export interface ProbeAnswers {
  readonly findings: readonly Finding[];
  /** Undefined where this exchange is not probed. */
  readonly answers: StopAnswers | undefined;
}

const TOLD: Readonly<Record<StopAnswers["stopUnderFullTakeProfit"], string>> = {
  refused:
    "a triggered reduce-only stop is refused while a take profit covers the whole position: the desk must cancel the take profit and close the rest itself",
  refusedWhenPlaced: "a reduce-only stop is refused at once while a take profit covers the whole position",
  takeProfitExpired: "a triggered reduce-only stop goes through, and the take profit over it expires",
  bothStood: "a triggered reduce-only stop goes through, and the take profit over it goes on resting",
  notTriggered: "the market did not reach a stop near it within two minutes: try again when it moves",
};

const LAST_STOP = "; set risk.lastStop: true, so that the position is closed with the desk dead too";
/** The desk places it on Binance alone. */
const isLastStopWanted = ({ stopUnderFullTakeProfit }: StopAnswers, exchange: string): boolean =>
  stopUnderFullTakeProfit === "refused" && exchange.startsWith("binance");

const SURVIVE =
  "stops survive a countdown that cancels all orders: risk.stopsSurviveCancelAfter: true is so, and allows risk.cancelAfterSeconds";
const GO_TOO =
  "stops do not survive a countdown that cancels all orders: leave risk.stopsSurviveCancelAfter: false and risk.cancelAfterSeconds: 0";

/** Tries on the exchange what DESIGN.md (I4) calls unverified. `near`: the exchange that was opened, for where it is. */
export async function probeExchange(parts: GatewayParts, near: OpenExchange): Promise<ProbeAnswers> {
  const { settings, clock } = parts;
  const { ok, note } = about("probe");
  const [symbol] = settings.engines.map((engine) => engine.symbol);
  const { countdown } = near.gateway;
  if (countdown === undefined || symbol === undefined) {
    const why =
      symbol === undefined ? "no engine names a symbol" : `${settings.exchange} has no countdown to try`;
    return { findings: [note(`nothing was tried: ${why}.`)], answers: undefined };
  }
  const target: SocketTarget | undefined = typeof near.where === "string" ? parts.target : near.where;
  const own = await openGateway({ ...parts, target });
  try {
    const [info] = await own.gateway.market.instruments([symbol]);
    if (info === undefined) return { findings: [], answers: undefined };
    const board = new Board();
    const first = firstPrices([symbol]);
    await own.gateway.market.start([symbol], (event) => {
      if (event.type === "top" || event.type === "mark") board.apply(event);
      first.see(event);
    });
    await first.all;
    while (board.of(symbol).mark === undefined)
      await new Promise<void>((resolve) => clock.after(50, resolve));
    const probe = new StopProbe({
      gateway: own.gateway,
      info,
      account: settings.account.name,
      quotes: () => board.of(symbol),
      clock,
      countdown: (ms) => countdown.set(symbol, ms / 1_000),
      countdownMs: Math.max(2, countdown.secondsMin) * 1_000,
    });
    const answers = await probe.run();
    const survival =
      answers.stopsSurviveCountdown === "countdownDidNothing"
        ? note(
            "the countdown that cancels all orders did nothing in time: leave risk.cancelAfterSeconds at 0.",
          )
        : ok(answers.stopsSurviveCountdown ? `${SURVIVE}.` : `${GO_TOO}.`);
    return {
      findings: [
        ok(
          `${TOLD[answers.stopUnderFullTakeProfit]}${isLastStopWanted(answers, settings.exchange) ? LAST_STOP : ""}.`,
        ),
        survival,
        ok("everything it did was taken back."),
      ],
      answers,
    };
  } finally {
    await own.close();
  }
}
