import { describe, expect, test } from "vitest";
import { VALUE_STEP } from "../../src/core/text.ts";
import { CALLS } from "../../src/venue/binance/calls.ts";
import { PRIVATE_TOPICS } from "../../src/venue/bybit/account-topics.ts";
import { type BuiltInVenue, bracketsFor, instrumentsOf } from "../../src/venue/instruments.ts";
import { DEPTH_SHAPE } from "../../src/venue/seeded-depth.ts";
import { rulesOf } from "../../src/venue/venue-rules.ts";
import { found, read, rows, section, sources, ticked } from "./pages.ts";

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();
const PROTOCOLS = "docs/protocols.md";
const callsUnder = (heading: string): readonly string[] =>
  ticked(section(PROTOCOLS, heading)).filter((text) => /^[A-Z]+ \//.test(text));
const HOUSES = ["binanceusdm", "binancecoinm", "bybit", "okx"] as const satisfies readonly BuiltInVenue[];

describe("docs/venue.md", () => {
  const [instruments, houses] = section("docs/venue.md", "## Instruments").split(
    /\n(?=\| Exchange +\| Maker)/,
  );

  test("lists every instrument that ships, with its steps, limits and tiers", () => {
    const real = HOUSES.flatMap((venue) =>
      instrumentsOf(venue).map((each) => {
        const cap = (bracketsFor(venue)[each.id]?.at(-1)?.cap ?? 0) / VALUE_STEP.units / 1e8;
        const least =
          each.kind === "inverse" || each.notionalMin === 0 ? "one step" : `${each.notionalMin / 1e8} USDT`;
        const atOnce = `${each.ordersMax} and ${each.conditionalOrdersMax}`;
        const to = `${cap >= 1e6 ? `${cap / 1e6} million` : cap} ${each.settle}`;
        return [venue, each.id, each.settle, each.tick.text, each.lot.text, least, atOnce, to];
      }),
    );
    const told = rows(instruments ?? "").map(([venue = "", id = "", settle, tick, lot = "", ...rest]) => [
      ticked(venue)[0],
      ticked(id)[0],
      settle,
      tick,
      lot.split(" ")[0],
      ...rest,
    ]);
    expect(told).toEqual(real);
  });

  test("tells the fees of every exchange", () => {
    const percent = (rate: number): string => `${rate / 1e6} %`;
    const real = HOUSES.map((venue) => {
      const [each] = instrumentsOf(venue);
      const closes = rulesOf(venue).closeFeeInMaintenance === each?.takerFee;
      return [
        `\`${venue}\``,
        percent(each?.makerFee ?? 0),
        percent(each?.takerFee ?? 0),
        percent(each?.liquidationFee ?? 0),
        closes ? "the taker fee to close" : "nothing",
      ];
    });
    expect(rows(houses ?? "")).toEqual(real);
  });

  test("tells the depth as it is", () => {
    const told = Object.fromEntries(
      rows(section("docs/venue.md", "## Depth")).map(([name = "", value = ""]) => [
        ticked(name)[0],
        Number(value.replaceAll(",", "")),
      ]),
    );
    expect(told).toEqual(DEPTH_SHAPE);
  });

  test("lists every call of the control door, and no other", () => {
    const control = found(read("src/venue/binance/control.ts"), /case "([A-Z]+ \/control\/[a-z-]+)"/g);
    const faults = found(read("src/venue/web/faults-door.ts"), /method [!=]== "([A-Z]+)"/g);
    const told = rows(section("docs/venue.md", "## The control door")).map(
      ([name = ""]) => ticked(name)[0] ?? "",
    );
    expect(sorted(told)).toEqual(
      sorted([...control, ...faults.map((method) => `${method} /control/faults`)]),
    );
  });
});

describe("docs/protocols.md: Binance USDT-M", () => {
  test("lists every call, and no other", () => {
    expect([...callsUnder("### Calls")].sort()).toEqual(Object.keys(CALLS).sort());
  });

  test("lists every message of the streams, every stream and every method of the socket API", () => {
    const table = rows(section(PROTOCOLS, "### Streams"));
    const messages = found(sources("src/venue/binance"), /\be: "([A-Za-z0-9_]{5,})"/g);
    expect(sorted(table.flatMap(([names = ""]) => ticked(names)))).toEqual(messages);
    const families = (text: string): readonly string[] => found(text, /(?:@|!)([a-zA-Z]{5,})/g);
    const files = ["market", "news", "candle"].map((name) => read(`src/venue/binance/${name}-streams.ts`));
    const streams = files.join("\n").match(/["`][^"`\n]*[@!][a-zA-Z]{5}[^"`\n]*["`]/g) ?? [];
    expect(families(table.map(([, names = ""]) => names).join("\n"))).toEqual(families(streams.join("\n")));
    const methods = found(read("src/venue/binance/socket-api.ts"), /^ {2}"?([A-Za-z0-9./]+)"?: "[A-Z]+ \//gm);
    const named = ticked(section(PROTOCOLS, "### Socket API")).filter(
      (name) => name !== "/ws-fapi/v1" && name !== "session.logon",
    );
    expect(sorted(named)).toEqual(methods);
  });
});

describe("docs/protocols.md: the other exchanges", () => {
  test("COIN-M: lists every call, and no other", () => {
    const real = found(read("src/venue/coinm/calls.ts"), /^ {2}"([A-Z]+ \/dapi\/[^"]+)":/gm);
    expect([...callsUnder("### COIN-M calls")].sort()).toEqual(
      // The doubt below the list names two of them once more.
      [...real, "GET /dapi/v1/algoOrder", "GET /dapi/v1/allAlgoOrders"].sort(),
    );
  });

  test("Bybit: lists every call and topic, and no other", () => {
    const real = found(sources("src/venue/bybit"), /^ +"([A-Z]+ \/v5\/[^"]+)":/gm);
    expect([...callsUnder("### Bybit calls")].sort()).toEqual(real);
    const topics = read("src/venue/bybit/market-topics.ts");
    const known = found(/knows\(place[\s\S]*?\n {2}\}/.exec(topics)?.[0] ?? "", /kind === "([A-Za-z]+)"/g);
    const [market = [], own = []] = rows(section(PROTOCOLS, "### Bybit topics"));
    expect(sorted(ticked(market[1] ?? ""))).toEqual(known);
    expect(sorted(ticked(own[1] ?? ""))).toEqual(sorted(PRIVATE_TOPICS));
    const depths = found(/const DEPTHS = \[([^\]]+)\]/.exec(topics)?.[1] ?? "", /"(\d+)"/g);
    expect(found(market[1] ?? "", /\b(\d+)\b/g)).toEqual(depths);
  });

  test("OKX: lists every call and channel, and no other", () => {
    const real = found(sources("src/venue/okx"), /^ +"([A-Z]+ \/api\/v5\/[^"]+)":/gm);
    expect([...callsUnder("### OKX calls")].sort()).toEqual(real);
    const pushed = found(sources("src/venue/okx"), /(?:channel: |about\()"([a-z0-9-]+)"/g);
    const listed = found(
      /\["trades", "trades-all"\]/.exec(sources("src/venue/okx"))?.[0] ?? "",
      /"(trades)"/g,
    );
    const told = rows(section(PROTOCOLS, "### OKX channels")).flatMap(([, names = ""]) => ticked(names));
    expect(sorted(told)).toEqual(sorted([...pushed, ...listed, "balance_and_position"]));
  });
});
