import type { Instrument, MarginBracket } from "../../core/instrument.ts";
import { rateOf, type Step, stepOf, textOf } from "../../core/text.ts";
import { type Lots, lots, type Rate, rate, type Ticks, ticks, value } from "../../core/units.ts";
import type { InstrumentInfo, InstrumentSteps } from "../../desk/ports.ts";
import { list, type Payload, PayloadError, text, whole } from "../binance/fields.ts";
import { coarser, commonStep, countBelow, moneyUnit, partOf, smallest } from "../steps.ts";
import { type Contract, filled } from "./words.ts";

/** OKX knows no bounds for prices but a band that moves with the market: the largest that we count with. */
const PRICE_MAX = ticks(2 ** 31);
/** Orders that may rest in one instrument. @see OKX v5, error 51102 */
const ORDERS_MAX = 500;
/** OKX's own number for conditional orders is not published for each instrument; this one is safe. */
const CONDITIONAL_ORDERS_MAX = 100;

/** Fees of one kind of contract. */
export interface Fees {
  readonly maker: Rate;
  readonly taker: Rate;
}

/** A contract, and the exchange's present steps where they are coarser than those that are counted in. */
type ReadContract = Contract & Pick<InstrumentInfo, "priceStep" | "lotStep">;

/**
 * A perpetual swap from `public/instruments`, counted in steps that also fit the `known` ones of an earlier life. Throws
 * `PayloadError` for what is none.
 */
export function contractOf(row: Payload, fees: Fees, venue: string, known?: InstrumentSteps): ReadContract {
  const id = text(row, "instId");
  const family = filled(row, "instFamily") ?? text(row, "uly");
  const [base = "", quote = ""] = family.split("-");
  const kind = text(row, "ctType") === "inverse" ? "inverse" : "linear";
  if (text(row, "instType") !== "SWAP") throw new PayloadError(`${id} is no perpetual swap`);
  const tickNow = stepOf(text(row, "tickSz"));
  const lotSz = stepOf(text(row, "lotSz"));
  const worth = product(stepOf(text(row, "ctVal")), lotSz);
  // People think in coins; an inverse contract is counted as OKX does.
  const now = { tick: tickNow, lot: kind === "linear" ? worth : lotSz };
  const tick = commonStep(now.tick, known?.tick ?? now.tick);
  const lot = commonStep(now.lot, known?.lot ?? now.lot);
  const steps = coarser(now, { tick, lot });
  const { lotStep = 1 } = steps;
  const perLot = partOf(worth, lotStep);
  const most = (field: string): Lots => lots(countBelow(text(row, field), lotSz, field) * lotStep);
  const marketMost = most("maxMktSz");
  const instrument: Instrument = {
    id,
    venue,
    kind,
    base,
    quote,
    settle: text(row, "settleCcy"),
    tick,
    lot,
    unit: kind === "linear" ? moneyUnit(id, { tick, lot }) : perLot.units * 10 ** (8 - perLot.decimals),
    priceMin: ticks(1),
    priceMax: PRICE_MAX,
    lotsMin: smallest(text(row, "minSz"), lotSz, lotStep, "minSz"),
    lotsMax: most("maxLmtSz"),
    // A stop that sells or buys at market has a bound of its own: what we send at market fits both.
    marketLotsMax:
      filled(row, "maxStopSz") === undefined ? marketMost : lesser(marketMost, most("maxStopSz")),
    // OKX has a smallest size and no smallest worth.
    notionalMin: value(0),
    ordersMax: ORDERS_MAX,
    conditionalOrdersMax: CONDITIONAL_ORDERS_MAX,
    makerFee: fees.maker,
    takerFee: fees.taker,
    // A forced close pays the taker fee; what is left over goes to the insurance fund.
    liquidationFee: fees.taker,
  };
  return { instrument, lot: partOf(lotSz, lotStep), index: filled(row, "uly") ?? family, ...steps };
}

const lesser = (one: Lots, other: Lots): Lots => (one < other ? one : other);

/** The step that two steps make together: 0.01 BTC a contract and lots of 0.01 contracts are lots of 0.0001 BTC. */
function product(one: Step, other: Step): Step {
  const decimals = one.decimals + other.decimals;
  return stepOf(textOf(one.units * other.units, { text: "", decimals, units: 1 }));
}

/**
 * What a swap of `public/instruments` pays, from `account/trade-fee`: the rates of its fee group. The fields beside the groups
 * are of old and may be empty; they serve where no group is named. OKX writes what is charged with a minus: -0.0005 is our
 * 0.05 %. Throws `PayloadError` where neither is there. @see OKX v5 "Get fee rates"
 */
export function feesOf(rates: Payload, swap: Payload): Fees {
  const groupId = filled(swap, "groupId");
  const groups = list(rates["feeGroup"] ?? [], "feeGroup");
  const group = groups.find((each) => groupId !== undefined && filled(each, "groupId") === groupId) ?? {};
  const isLinear = text(swap, "ctType") !== "inverse";
  const olds = !isLinear ? [""] : filled(swap, "settleCcy") === "USDC" ? ["USDC", "U", ""] : ["U", ""];
  const of = (name: "maker" | "taker"): Rate => {
    const found = [filled(group, name), ...olds.map((old) => filled(rates, `${name}${old}`))];
    const raw = found.find((each) => each !== undefined);
    if (raw === undefined) throw new PayloadError(`${text(swap, "instId")} has no ${name} fee`);
    return rate(-rateOf(raw, name));
  };
  return { maker: of("maker"), taker: of("taker") };
}

/**
 * OKX's tiers go by contracts and have one rate for all of a position. Ours go by worth: they are taken at `mark`, and are
 * taken again when the price has moved far from it (`OkxMarket.refresh`).
 */
export function bracketsOf(
  rows: readonly Payload[],
  { instrument, lot }: Contract,
  mark: Ticks,
): readonly MarginBracket[] {
  const found: MarginBracket[] = [];
  const sorted = [...rows].sort((a, b) => whole(a, "tier") - whole(b, "tier"));
  for (const row of sorted) {
    const floor = found.at(-1)?.cap ?? value(0);
    if (floor === Number.MAX_SAFE_INTEGER) break;
    const size = Math.floor(Number(text(row, "maxSz")) / Number(lot.text));
    const worth =
      instrument.kind === "linear"
        ? mark * instrument.unit * size
        : (size * instrument.unit * 10 ** instrument.tick.decimals) / (mark * instrument.tick.units);
    const cap = worth < Number.MAX_SAFE_INTEGER ? value(Math.floor(worth)) : value(Number.MAX_SAFE_INTEGER);
    if (cap <= floor) continue;
    found.push({
      floor,
      cap,
      maintenance: rateOf(text(row, "mmr"), "mmr"),
      deduction: value(0),
      leverageMax: Math.floor(Number(text(row, "maxLever"))),
    });
  }
  if (found.length === 0) throw new PayloadError(`${instrument.id} has no position tiers`);
  return found;
}
