import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { InstrumentId } from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import type { Ticks } from "../../core/units.ts";
import { guarded } from "../binance/calls.ts";
import { type Controls, control } from "../binance/control.ts";
import type { Limits } from "../binance/limits.ts";
import { Refusal } from "../binance/refusal.ts";
import type { ApiKey } from "../binance/signature.ts";
import { binanceSkin } from "../binance/skin.ts";
import type { SocketLife } from "../binance/sockets.ts";
import type { Exchange } from "../exchange.ts";
import { FaultPlan } from "../faults/plan.ts";
import type { Occurrence } from "../faults/schedule.ts";
import type { Stage } from "../faults/stage.ts";
import { CALM, type Weather } from "../faults/weather.ts";
import { FAULTS_PATH, FaultsDoor } from "./faults-door.ts";
import { Frames } from "./frames.ts";
import { Pump, together } from "./pump.ts";
import { readRequest, send } from "./request.ts";
import { RestDoor } from "./rest-door.ts";
import { ServerWall } from "./server-wall.ts";
import type { Skin, SkinContext, SocketKind } from "./skin.ts";
import { Storm } from "./storm.ts";
import type { WallClock } from "./wall.ts";

/** Where the server's own troubles are written; a pino logger fits. */
interface ServerLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What a venue server is made of. */
export interface ServerOptions {
  /** What Binance's USDT-M protocol shows. */
  readonly exchange: Exchange;
  readonly keys: readonly ApiKey[];
  /** Further protocols; requests go to the first one that owns their Host or path. */
  readonly skins?: readonly ((context: SkinContext) => Skin)[];
  /**
   * What goes wrong between the exchange and its clients; nothing unless set. What a `FaultPlan` does to sockets and to
   * the exchange is carried out too.
   */
  readonly weather?: Weather | FaultPlan;
  /** Makes prices jump for the fault priceShock, where the market can. */
  readonly shock?: Stage["shock"];
  /** Carries out the faults that only a harness can, such as a restart of the desk; false when it can't. */
  readonly harness?: (occurrence: Occurrence) => boolean;
  /** 0 takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Market seconds per wall second. */
  readonly speed: number;
  readonly wall: WallClock;
  readonly limits?: Partial<Limits>;
  readonly listenKeyMs?: number;
  readonly socketLife?: Partial<SocketLife>;
  readonly log?: ServerLog;
  /** Whether the market runs from the start; otherwise `resume()` starts it. */
  readonly isPaused?: boolean;
  /** Opens `/control/...` to this machine; see control.ts. */
  readonly control?: boolean;
  /** How `/control/price` moves the market, where it can be moved. */
  readonly forcePrice?: (instrument: InstrumentId, price: Ticks) => void;
}

/** A venue server that listens; what it offers beside the protocol is for tests and stories. */
export interface VenueServer {
  readonly port: number;
  readonly url: string;
  /** Stops the market, cuts all connections and frees the port. */
  close(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Lets every listen key expire now, with Binance's message and then silence. */
  expireListenKeys(): void;
  /** Cuts sockets without a goodbye; how many. */
  dropSockets(kind: SocketKind): number;
  /** Holds back all market or private messages while on; they are lost. */
  silence(kind: "market" | "private", isOn: boolean): void;
}

/**
 * Serves an exchange over HTTP and WebSocket in Binance's USDT-M futures protocol, and moves its market with the
 * wall clock. Rejects with the listen error (for example EADDRINUSE) when the port can't be had.
 */
export async function startServer(options: ServerOptions): Promise<VenueServer> {
  const wall = new ServerWall(options.wall);
  invariant(
    options.speed > 0 && Number.isFinite(options.speed),
    "a served market has a finite speed above zero",
  );
  const log = options.log ?? { error: () => {}, warn: () => {} };
  const onBug = (error: unknown, call: string): void => log.error({ err: error, call }, "a call failed");
  const weather = options.weather ?? (options.control === true ? new FaultPlan() : CALM);
  const frames = new Frames(wall, weather, () => log.warn({}, "a socket that read too slowly was cut"));
  const context: SkinContext = {
    wall: wall.skewed((wallAt) => weather.skewMs(wallAt)),
    frames,
    weather: onTrueClock(weather, wall),
    onBug,
  };
  const binance = binanceSkin(options, context);
  const skins: readonly Skin[] = [...(options.skins ?? []).map((open) => open(context)), binance];
  const skinOf = (host: string | undefined, path: string): Skin =>
    skins.find((skin) => skin.owns(host ?? "", path)) ?? binance;
  const { venue } = binance.core;
  const pump = new Pump(together(skins.flatMap((skin) => skin.exchanges)), wall, options.speed);
  const controls: Controls = {
    forcePrice: options.forcePrice,
    pause: () => pump.pause(),
    resume: () => pump.resume(),
    expireListenKeys: () => {
      for (const skin of skins) skin.expireListenKeys();
    },
    dropSockets: (kind) => skins.reduce((sum, skin) => sum + skin.dropSockets(kind), 0),
  };

  const { shock, harness } = options;
  // What names no venue is done to Binance's exchange where it can be.
  const inTurn = [binance, ...skins.filter((skin) => skin !== binance)];
  const plan = weather instanceof FaultPlan ? weather : undefined;
  const storm = plan && new Storm(plan, { wall, skins: inTurn, shock, harness, onBug });
  const faultsDoor = plan && new FaultsDoor(plan, wall);
  const door = new RestDoor(wall, weather);

  const http = createServer({ keepAliveTimeout: 65_000 }, async (message, response) => {
    message.socket.setNoDelay(true);
    const request = await readRequest(message);
    if (request === undefined) return;
    const { method, path, query, body, address, headers } = request;
    const isControl = options.control === true && path.startsWith("/control/") && isLoopback(address);
    if (isControl && path === FAULTS_PATH && faultsDoor !== undefined) {
      send(response, faultsDoor.answer(method, body));
    } else if (isControl) {
      const reply = guarded(() => control(venue, controls, method, path, query, body), path, onBug);
      const isRefused = reply instanceof Refusal;
      send(response, {
        status: isRefused ? reply.status : 200,
        headers: {},
        body: isRefused ? reply.body : reply,
      });
    } else door.answer(skinOf(headers.host, path), request, response);
  });
  http.on("upgrade", (request, raw, head) => {
    request.socket.setNoDelay(true);
    door.upgrade(skinOf(request.headers.host, request.url ?? "/"), request, raw, head);
  });
  const port = await listen(http, options.port ?? 0, options.host ?? "127.0.0.1");
  if (options.isPaused !== true) pump.resume();

  return {
    port,
    url: `http://${options.host ?? "127.0.0.1"}:${port}`,
    pause: controls.pause,
    resume: controls.resume,
    expireListenKeys: controls.expireListenKeys,
    dropSockets: controls.dropSockets,
    silence: (kind, isOn) => {
      for (const skin of skins) skin.silence(kind, isOn);
    },
    close: async () => {
      pump.pause();
      storm?.close();
      for (const skin of skins) skin.close();
      wall.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

/** The weather for those who know only the exchange's own clock, which may be off. */
function onTrueClock(weather: Weather, wall: WallClock): Weather {
  if (weather === CALM) return weather;
  return {
    request: (seen) => weather.request({ ...seen, wallAt: wall.now() }),
    frame: (seen) => weather.frame({ ...seen, wallAt: wall.now() }),
    skewMs: () => weather.skewMs(wall.now()),
  };
}

function listen(http: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, () => {
      http.off("error", reject);
      resolve((http.address() as AddressInfo).port);
    });
  });
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address);
