import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * A line between the desk and its exchange on which some figures of answers and messages are changed under way, as no exchange
 * should and some do. The length of what passes stays the same: blanks after a value fill it up.
 */
export class TamperedLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #edits = new Map<RegExp, string>();

  private constructor(venuePort: number) {
    this.#server = createServer((client) => {
      const venue = connect(venuePort, "127.0.0.1");
      client.pipe(venue);
      venue.on("data", (part: Buffer) => client.write(this.#edited(part)));
      for (const socket of [client, venue]) {
        this.#sockets.add(socket);
        const end = (): void => {
          client.destroy();
          venue.destroy();
        };
        socket.on("error", end).on("end", end).on("close", end);
      }
    });
  }

  /** Opens a line to a venue on loopback. */
  static async to(venuePort: number): Promise<TamperedLine> {
    const line = new TamperedLine(venuePort);
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * From now on the text value that follows what `before` matches is this one, which may not be longer than the true one; until
   * the function is called.
   */
  say(before: RegExp, value: string): () => void {
    const edit = new RegExp(`(${before.source})"([^"]*)"`, "g");
    this.#edits.set(edit, value);
    return () => this.#edits.delete(edit);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #edited(part: Buffer): Buffer {
    let text = part.toString("latin1");
    for (const [edit, value] of this.#edits) {
      text = text.replace(edit, (_all, before: string, held: string) =>
        `${before}"${value}"`.padEnd(before.length + held.length + 2),
      );
    }
    return Buffer.from(text, "latin1");
  }
}
