import { afterEach, describe, expect, it } from "vitest";
import { type Served, serveVenue, until } from "./served-venue.ts";

describe("what a client may do on one socket", () => {
  let venue: Served;
  afterEach(() => venue.close());

  const subscribe = (id: number, params: readonly string[] = ["btcusdt@trade"]): string =>
    JSON.stringify({ method: "SUBSCRIBE", params, id });

  it("answers ten messages in a second and cuts who sends more, pings included", async () => {
    venue = await serveVenue();
    const calm = await venue.listen("/public/ws/0");
    for (let id = 0; id < 9; id += 1) calm.socket.send(subscribe(id));
    calm.socket.ping();
    const hasty = await venue.listen("/public/ws/1");
    for (let id = 0; id < 9; id += 1) hasty.socket.send(subscribe(id));
    for (let count = 0; count < 40; count += 1) hasty.socket.ping();
    let code = 0;
    hasty.socket.on("close", (found) => {
      code = found;
    });
    await until(() => hasty.socket.readyState === 3, "the hasty client is cut");
    expect([code, hasty.heard.length]).toEqual([1008, 9]);
    await until(() => calm.heard.length === 9, "the calm one is answered");
    expect(calm.socket.readyState).toBe(1);
  });

  it("counts anew in the next second", async () => {
    venue = await serveVenue();
    const { socket, heard } = await venue.listen("/public/ws/0");
    for (let second = 0; second < 3; second += 1) {
      for (let id = 0; id < 10; id += 1) socket.send(subscribe(id));
      await until(() => heard.length === 10 * (second + 1), "all were answered");
      venue.wall.ahead += 1_000;
    }
    expect(socket.readyState).toBe(1);
  });

  it("refuses to carry more than 1024 streams, and keeps those it has", async () => {
    venue = await serveVenue();
    const { socket, heard } = await venue.listen("/market/ws/0");
    const names = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, at) => `s${from + at}@aggTrade`);
    socket.send(subscribe(1, names(0, 1_023)));
    socket.send(subscribe(2, names(1_023, 1)));
    socket.send(subscribe(3, names(0, 10)));
    await until(() => heard.length === 3, "all three were answered");
    expect(heard).toEqual([
      { result: null, id: 1 },
      {
        error: { code: 2, msg: "Invalid request: a connection can listen to a maximum of 1024 streams" },
        id: 2,
      },
      { result: null, id: 3 },
    ]);
    const greedy = await venue.listen(`/market/stream?streams=${names(0, 1_025).join("/")}`);
    await until(() => greedy.socket.readyState === 3, "the address asked for too many");
  });
});
