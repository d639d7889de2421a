import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";

/** A request as it went over the wire: the query and the body's form together. */
export interface Asked {
  /** E.g. "POST /fapi/v1/order". */
  readonly call: string;
  readonly host: string;
  readonly apiKey: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

/** What the wire answers instead of the venue. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What goes wrong with one request; `isCarriedOut` lets the venue do it before its answer is spoilt. */
export type Fault =
  | ({ readonly type: "answer"; readonly isCarriedOut?: boolean } & Answer)
  | { readonly type: "hang" | "reset" | "resetMidAnswer"; readonly isCarriedOut?: boolean };

type Rule = (asked: Asked) => Fault | undefined;

/** A venue's refusal as it looks on the wire. */
export const refusal = (code: number, status = 400, headers: Record<string, string> = {}): Fault => ({
  type: "answer",
  status,
  body: JSON.stringify({ code, msg: `refused with ${code}` }),
  headers: { "Content-Type": "application/json", ...headers },
});

/** A line between a gateway and a served venue that writes down what passes and can be made to fail. */
export class Wire {
  readonly asked: Asked[] = [];
  /** Paths of the sockets that were opened, e.g. "/private/ws?listenKey=K". */
  readonly opened: string[] = [];
  /** The hosts that those sockets asked for. */
  readonly socketHosts: string[] = [];
  readonly #venuePort: number;
  readonly #rules = new Set<Rule>();
  readonly #muted = new Set<string>();
  readonly #lines = new Map<Socket, string>();
  readonly #requests = new Set<Socket>();
  #server: http.Server | undefined;
  #port = 0;

  private constructor(venuePort: number) {
    this.#venuePort = venuePort;
  }

  /** Opens a wire to a venue on loopback. */
  static async to(venuePort: number): Promise<Wire> {
    const wire = new Wire(venuePort);
    await wire.up();
    return wire;
  }

  get port(): number {
    return this.#port;
  }

  /** How often a call was made, e.g. "POST /fapi/v1/listenKey". */
  count(call: string): number {
    return this.asked.filter((each) => each.call === call).length;
  }

  /** The fields of the latest request of a call. */
  last(call: string): Readonly<Record<string, string>> {
    const found = this.asked.findLast((each) => each.call === call);
    if (found === undefined) throw new Error(`nobody asked ${call}`);
    return found.fields;
  }

  /** Spoils the next request of a call. */
  spoil(call: string, fault: Fault): void {
    const rule: Rule = (asked) => {
      if (asked.call !== call) return undefined;
      this.#rules.delete(rule);
      return fault;
    };
    this.#rules.add(rule);
  }

  /** Spoils every request of a call ("*": of all) until the returned function is called. */
  spoilAll(call: string, fault: Fault): () => void {
    const rule: Rule = (asked) => (call === "*" || asked.call === call ? fault : undefined);
    this.#rules.add(rule);
    return () => this.#rules.delete(rule);
  }

  /** Swallows what the venue sends on sockets whose path starts so, e.g. "/market/"; they stay open. */
  mute(path: string): void {
    this.#muted.add(path);
  }

  unmute(path: string): void {
    this.#muted.delete(path);
  }

  /** Cuts sockets whose path starts so, without a goodbye; how many. */
  cut(path: string): number {
    const found = [...this.#lines].filter(([, own]) => own.startsWith(path));
    for (const [socket] of found) socket.destroy();
    return found.length;
  }

  /** Sockets that are open now and whose path starts so. */
  open(path: string): number {
    return [...this.#lines.values()].filter((own) => own.startsWith(path)).length;
  }

  /** Nobody answers at the port any more. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of [...this.#lines.keys(), ...this.#requests]) socket.destroy();
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  /** Answers again at the same port. */
  async up(): Promise<void> {
    const server = http.createServer((request, response) => this.#pass(request, response));
    server.on("connection", (socket: Socket) => {
      this.#requests.add(socket);
      socket.on("error", () => socket.destroy()).once("close", () => this.#requests.delete(socket));
    });
    server.on("upgrade", (request, socket, head) => this.#join(request, socket as Socket, head));
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async #pass(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { socket } = request;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const asked = askedOf(request, body.toString("utf8"));
    this.asked.push(asked);
    const fault = this.#faultOf(asked);
    const answer =
      fault === undefined || fault.isCarriedOut === true ? await this.#forward(request, body) : undefined;
    if (fault === undefined || answer === undefined) {
      if (answer !== undefined) respond(response, answer);
      else spoilt(response, socket, fault);
      return;
    }
    spoilt(response, socket, fault, answer);
  }

  #faultOf(asked: Asked): Fault | undefined {
    for (const rule of this.#rules) {
      const fault = rule(asked);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #forward(request: http.IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      const { method, url: path, headers } = request;
      const onward = http.request(
        { host: "127.0.0.1", port: this.#venuePort, method, path, headers, agent: false },
        async (answer) => {
          const parts: Buffer[] = [];
          for await (const part of answer) parts.push(part as Buffer);
          const own = Object.entries(answer.headers).filter(
            ([name]) => name.startsWith("x-") || name === "content-type" || name === "retry-after",
          );
          resolve({
            status: answer.statusCode ?? 0,
            body: Buffer.concat(parts).toString("utf8"),
            headers: Object.fromEntries(own.map(([name, held]) => [name, String(held)])),
          });
        },
      );
      onward.on("error", () => resolve({ status: 502, body: "the venue is gone" }));
      onward.end(body);
    });
  }

  #join(request: http.IncomingMessage, client: Socket, head: Buffer): void {
    const path = request.url ?? "/";
    this.opened.push(path);
    this.socketHosts.push(request.headers.host ?? "");
    this.#lines.set(client, path);
    const venue = net.connect(this.#venuePort, "127.0.0.1");
    const names = request.rawHeaders;
    const lines = names.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${names[at + 1]}`] : []));
    venue.write(`${request.method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    venue.write(head);
    client.on("data", (part: Buffer) => venue.write(part));
    let isFirst = true;
    venue.on("data", (part: Buffer) => {
      if (isFirst || ![...this.#muted].some((muted) => path.startsWith(muted))) client.write(part);
      isFirst = false;
    });
    const end = (): void => {
      this.#lines.delete(client);
      client.destroy();
      venue.destroy();
    };
    for (const socket of [client, venue]) socket.on("error", end).on("end", end).on("close", end);
  }
}

function askedOf(request: http.IncomingMessage, body: string): Asked {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://venue");
  const apiKey = request.headers["x-mbx-apikey"];
  return {
    call: `${request.method} ${pathname}`,
    host: request.headers.host ?? "",
    apiKey: typeof apiKey === "string" ? apiKey : undefined,
    fields: Object.fromEntries([...searchParams, ...new URLSearchParams(body)]),
  };
}

function respond(response: http.ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function spoilt(
  response: http.ServerResponse,
  socket: Socket,
  fault: Fault | undefined,
  answer?: Answer,
): void {
  if (fault?.type === "answer") respond(response, fault);
  else if (fault?.type === "reset") socket.resetAndDestroy();
  else if (fault?.type === "resetMidAnswer") {
    const body = answer?.body ?? '{"orderId":1,"status":"NEW"}';
    response.writeHead(200, { "content-length": Buffer.byteLength(body) });
    response.write(body.slice(0, body.length / 2), () => socket.resetAndDestroy());
  }
}
