import { Streams } from "../binance/streams.ts";
import type { Frames } from "../web/frames.ts";
import { messageRow, type Row } from "./rows.ts";

/** Binance's short name of an account in private messages. */
const ALIAS = "SgsR";

/** The streams of COIN-M: those of USDT-M in COIN-M's words. */
export class CoinmStreams extends Streams {
  readonly #idOf: (symbol: string, conditionalId: number) => number;

  /** `idOf` tells the number under which clients know a symbol's conditional order. */
  constructor(
    frames: Frames,
    ownerOf: (stream: string) => string | undefined,
    idOf: (symbol: string, conditionalId: number) => number,
  ) {
    super("binancecoinm", frames, ownerOf);
    this.#idOf = idOf;
  }

  /** Turns a message into COIN-M's words and sends it. */
  override send(stream: string, message: object): void {
    if (Array.isArray(message)) {
      super.send(
        stream,
        message.map((each: Row) => this.#worded(each)).filter((row) => row !== undefined),
      );
      return;
    }
    const row = this.#worded(message as Row);
    if (row !== undefined) super.send(stream, row);
  }

  #worded(message: Row): Row | undefined {
    if (message["e"] !== "ALGO_UPDATE") return messageRow(message, ALIAS);
    const order = message["o"] as Row;
    return { ...message, o: { ...order, aid: this.#idOf(String(order["s"]), Number(order["aid"])) } };
  }
}
