import type { Clock } from "../../desk/ports.ts";
import type { ApiKeys } from "../ccxt-client.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import type { OkxStreams } from "./hosts.ts";

/** The venue id of OKX, as ccxt names it. */
export const OKX = "okx";

/** What a gateway to OKX is made of, whoever carries its calls. */
export interface OkxParts {
  readonly account: string;
  readonly client: ExchangeClient;
  readonly streams: OkxStreams;
  /** For the login on private sockets, which no carrier does; undefined for public data alone. */
  readonly keys: ApiKeys | undefined;
  readonly clock: Clock;
  readonly log: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void };
}
