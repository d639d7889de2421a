import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { openBinanceUsdm } from "../../src/gateways/binance-usdm.ts";
import { serveVenue } from "../venue/binance/served-venue.ts";
import { hasty, marketOrder, order, soon, stopOrder } from "./rig.ts";
import { type Fault, refusal, Wire } from "./wire.ts";

const MARK = { apiKey: "MARKEDapiKEY4711", secret: "MARKEDsecret0815", account: "main" } as const;

/** Every text in it: messages, stacks, causes and hidden fields. */
const everything = (found: unknown): string =>
  inspect(found, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null }) +
  (found instanceof Error ? String(found.stack) + String(found.cause) : "");

/** What gives an account away, as it stands, in a form or in base64. */
function leaks(text: string, listenKeys: readonly string[]): readonly string[] {
  const marks = [MARK.apiKey, MARK.secret, ...listenKeys];
  const shapes = marks.flatMap((mark) => [
    mark,
    encodeURIComponent(mark),
    Buffer.from(mark).toString("base64"),
  ]);
  return [...shapes, "signature=", "listenKey="].filter((shape) => text.includes(shape));
}

const FAULTS: readonly Fault[] = [
  { type: "answer", status: 200, body: "{" },
  { type: "answer", status: 502, body: "<html>bad gateway</html>" },
  {
    type: "answer",
    status: 301,
    body: "",
    headers: { location: "https://elsewhere.example/x?signature=abc" },
  },
  { type: "answer", status: 200, body: "{}" },
  { type: "hang" },
  { type: "reset" },
  { type: "resetMidAnswer" },
  refusal(-1007, 503),
  refusal(-1021),
  refusal(-1022),
  refusal(-2015, 401),
  refusal(-1015, 429),
];

describe("nothing that the gateway says gives an account away", () => {
  it("finds a planted mark, so that the scan below can fail", () => {
    const planted = new Error(`GET https://fapi.binance.com/x?timestamp=1&signature=00`);
    expect(leaks(everything(planted), [])).toEqual(["signature="]);
    expect(leaks(everything({ deep: { er: Buffer.from(MARK.secret).toString("base64") } }), [])).toHaveLength(
      1,
    );
    expect(leaks(everything(new Error("x", { cause: new Error(MARK.apiKey) })), [])).toContain(MARK.apiKey);
    expect(leaks("key77", ["key77"])).toContain("key77");
  });

  it("neither in events nor in errors nor in log lines, whatever goes wrong", async () => {
    const venue = await serveVenue({ keys: [MARK] });
    const wire = await Wire.to(venue.server.port);
    const said: unknown[] = [];
    const gateway = await openBinanceUsdm({
      account: "main",
      keys: { apiKey: MARK.apiKey, secret: MARK.secret },
      target: { host: "127.0.0.1", port: wire.port },
      clock: hasty,
      log: { warn: (message, fields) => said.push(message, fields) },
      timeoutMs: 300,
    });
    const { market, account, trading } = gateway;
    const from = venue.exchange.now() - 1_000;
    try {
      await market.instruments(["BTCUSDT"]).catch(() => market.instruments(["BTCUSDT"]));
      const deeds = (): readonly Promise<unknown>[] => [
        market.instruments(["BTCUSDT"]),
        market.clockSkew(),
        account.truth(["BTCUSDT"], from),
        account.exposure(),
        trading.place(order()),
        trading.place(marketOrder()),
        trading.place(stopOrder()),
        trading.cancel(order(), undefined),
        trading.cancel(stopOrder(), undefined),
        trading.query(order()),
        trading.query(stopOrder()),
        trading.setLeverage("BTCUSDT", 3),
        trading.setMarginMode("BTCUSDT", "isolated"),
      ];
      let failures = 0;
      for (const fault of FAULTS) {
        const heal = wire.spoilAll("*", fault);
        for (const outcome of await Promise.allSettled(deeds())) {
          if (outcome.status === "rejected") failures += 1;
          said.push(outcome.status === "rejected" ? outcome.reason : outcome.value);
        }
        heal();
      }
      // Readings reject with every fault, orders never do.
      expect(failures).toBeGreaterThanOrEqual(FAULTS.length * 4);
      // The private stream: no key, a dropped socket, an expired key, nobody at home.
      wire.spoil("POST /fapi/v1/listenKey", { type: "reset" });
      await account.start((event) => said.push(event));
      const gaps = () =>
        said.filter((each) => (each as { type?: string } | undefined)?.type === "gap").length;
      wire.cut("/private/");
      await soon(() => gaps() >= 2, "the drop is told");
      await soon(() => wire.open("/private/") === 1, "the socket is back");
      await new Promise((resolve) => setTimeout(resolve, 20));
      venue.server.expireListenKeys();
      await soon(() => gaps() >= 3, "the expiry is told");
      await wire.down();
      said.push(...(await Promise.allSettled(deeds())));
      const keys = wire.opened.flatMap((path) => path.split("listenKey=").slice(1));
      expect(keys.length).toBeGreaterThan(1);
      for (const each of said) expect(leaks(everything(each), keys)).toEqual([]);
      expect(said.length).toBeGreaterThan(FAULTS.length * 13);
    } finally {
      await account.stop();
      await market.stop();
      await wire.down();
      await venue.close();
    }
  });
});
