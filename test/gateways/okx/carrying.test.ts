import ccxt from "ccxt";
import { describe, expect, it } from "vitest";
import type { CcxtExchange } from "../../../src/gateways/ccxt-client.ts";
import type { ExchangeClient } from "../../../src/gateways/exchange-client.ts";
import { failureOf, isGone } from "../../../src/gateways/okx/errors.ts";
import { PacedClient } from "../../../src/gateways/okx/pace.ts";
import { OKX_PROFILE, okxRoute } from "../../../src/gateways/okx/profile.ts";
import { HandClock, settled } from "../rig.ts";

const NOW = 1_800_000_000_000;

function prepared(isDemo: boolean) {
  const exchange = new ccxt.pro.okx({ apiKey: "k", secret: "s", password: "p" });
  exchange.milliseconds = () => NOW;
  OKX_PROFILE.prepare?.(exchange as unknown as CcxtExchange, isDemo);
  const sign = (method: string, path: string): Readonly<Record<string, string>> =>
    (exchange as unknown as CcxtExchange).sign(path, "private", method, { instId: "X", clOrdId: "c" })
      .headers ?? {};
  return { exchange, sign };
}

describe("how OKX's calls are carried", () => {
  it("bounds how late an order may come: by expTime, or by an older timestamp where there is no expTime", () => {
    const { sign } = prepared(false);
    const plain = sign("POST", "trade/order");
    expect(plain["expTime"]).toBe(String(NOW + 3_000));
    expect(Date.parse(plain["OK-ACCESS-TIMESTAMP"] ?? "")).toBe(NOW);
    const algo = sign("POST", "trade/order-algo");
    expect(algo["expTime"]).toBeUndefined();
    // OKX's half minute after it ends three seconds from now.
    expect(Date.parse(algo["OK-ACCESS-TIMESTAMP"] ?? "")).toBe(NOW - 27_000);
    const margin = sign("POST", "account/position/margin-balance");
    expect(margin["expTime"]).toBeUndefined();
    expect(Date.parse(margin["OK-ACCESS-TIMESTAMP"] ?? "")).toBe(NOW - 27_000);
    const query = sign("GET", "trade/order-algo");
    expect(Date.parse(query["OK-ACCESS-TIMESTAMP"] ?? "")).toBe(NOW);
    expect(sign("POST", "trade/cancel-order")["expTime"]).toBeUndefined();
  });

  it("marks demo trading in a header, and goes to the demo's sockets", () => {
    expect(prepared(true).exchange.headers).toMatchObject({ "x-simulated-trading": "1" });
    expect(prepared(false).exchange.headers ?? {}).not.toHaveProperty("x-simulated-trading");
  });

  it("knows which calls need a key, and calls of nobody else", () => {
    expect(okxRoute("GET", "/api/v5/public/time")).toEqual({ api: "public", path: "public/time" });
    expect(okxRoute("GET", "/api/v5/market/books")).toEqual({ api: "public", path: "market/books" });
    expect(okxRoute("POST", "/api/v5/trade/order")).toEqual({ api: "private", path: "trade/order" });
    expect(() => okxRoute("GET", "/fapi/v1/time")).toThrow(TypeError);
    expect(OKX_PROFILE.isPong?.("pong")).toBe(true);
    expect(OKX_PROFILE.isPong?.({ arg: {} })).toBe(false);
    expect(OKX_PROFILE.standing?.('okx {"code":"50061"}', undefined)).toBe("ordersRefused");
    expect(OKX_PROFILE.standing?.('okx {"code":"51008"}', undefined)).toBeUndefined();
  });

  it("keeps a part of every limit for closes; readings wait, entries are not sent", async () => {
    const clock = new HandClock();
    const sent: string[] = [];
    const carrier = {
      call: async (_name: string, _params: object, urgency: string) => sent.push(urgency),
      now: () => clock.now(),
    } as unknown as ExchangeClient;
    const client = new PacedClient(carrier, clock);
    const place = (urgency: "entry" | "close", instId = "A") =>
      client.call("POST /api/v5/trade/order", { instId }, urgency);
    for (let count = 0; count < 48; count += 1) await place("entry");
    await expect(place("entry")).rejects.toThrow(/the rest is for closes/);
    await place("entry", "B");
    for (let count = 0; count < 12; count += 1) await place("close");
    const last = place("close");
    await settled();
    expect(sent).toHaveLength(61);
    await clock.pass(2_200);
    await last;
    expect(sent).toHaveLength(62);
    const readings = Array.from({ length: 10 }, () => client.call("GET /api/v5/account/balance", {}, "read"));
    await settled();
    expect(sent).toHaveLength(69);
    await clock.pass(2_200);
    await Promise.all(readings);
    expect(sent).toHaveLength(72);
    const setLeverage = () => client.call("POST /api/v5/account/set-leverage", {}, "entry");
    for (let count = 0; count < 16; count += 1) await setLeverage();
    await expect(setLeverage()).rejects.toThrow(/16 requests/);
  });

  it("reads the item's code before the one around it, and takes what is no refusal for lost", () => {
    const body = (code: string, sCode?: string) =>
      new Error(
        `okx {"code":"${code}","data":[${sCode === undefined ? "" : `{"clOrdId":"c","sCode":"${sCode}","sMsg":"no \\"way\\""}`}],"msg":"whole"}`,
      );
    expect(failureOf(body("1", "51008"))).toEqual({
      type: "refused",
      code: 51_008,
      kind: "margin",
      reason: 'no \\"way\\" (51008)',
    });
    const kind = (code: string) => {
      const failure = failureOf(body("1", code));
      return failure.type === "refused" ? failure.kind : failure.type;
    };
    const kinds = (...codes: string[]) => [...new Set(codes.map(kind))];
    expect(kinds("51020", "51121", "51006", "51275")).toEqual(["filter"]);
    expect(kinds("51169", "51170", "51112", "51148", "51206", "51058")).toEqual(["reduceOnly"]);
    expect(kinds("51261", "51299")).toEqual(["tooMany"]);
    expect(kinds("51277", "51278", "51279", "51280")).toEqual(["wouldTrigger"]);
    // The same of a trigger on the mark price, as ours are, and on the index.
    expect(kinds("51300", "51302", "51303", "51304")).toEqual(["wouldTrigger"]);
    expect(kinds("51305", "51306", "51307", "51308")).toEqual(["wouldTrigger"]);
    expect(kinds("51999")).toEqual(["other"]);
    for (const code of ["50001", "50004", "50013", "50026", "51054", "51149", "404", "500"]) {
      expect(failureOf(body(code)).type).toBe("lost");
    }
    // The id is taken: by an earlier copy of the same order.
    for (const code of ["51016", "51065", "51068", "50071"]) {
      expect(failureOf(body("1", code)).type).toBe("lost");
    }
    expect(failureOf(new Error("okx GET (address) 502 Bad Gateway <html>")).type).toBe("lost");
    expect(failureOf(new Error("okx POST request timed out (5000 ms)")).type).toBe("lost");
    expect([51_400, 51_401, 51_402, 51_603].every(isGone)).toBe(true);
    // It is still on its way out.
    expect(isGone(51_410)).toBe(false);
  });
});
