import { Agent as HttpsAgent } from "node:https";
import net from "node:net";
import ccxt from "ccxt";
import { Agent, type buildConnector } from "undici";
import { OKX_KEY } from "./served-okx.ts";

export type OkxClient = InstanceType<typeof ccxt.pro.okx>;

/** ccxt's own client with OKX's production addresses, its sockets led to a venue on loopback. */
export async function ccxtOkx(port: number, extra: Record<string, unknown> = {}): Promise<OkxClient> {
  const client = new ccxt.pro.okx({
    apiKey: OKX_KEY.apiKey,
    secret: OKX_KEY.secret,
    password: OKX_KEY.passphrase,
    enableRateLimit: false,
    ...extra,
  });
  await client.loadFetchImplementation();
  const connect = (): net.Socket => {
    const socket = net.connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    return socket;
  };
  const connector: buildConnector.connector = (_where, done) => {
    const socket = connect();
    socket.once("connect", () => done(null, socket));
    socket.once("error", (error) => done(error, null));
  };
  client.fetchDispatcher = new Agent({ ...client.getDispatcherOptions(true), connect: connector });
  class PlainAgent extends HttpsAgent {
    override createConnection(): net.Socket {
      return connect();
    }
  }
  client.agent = new PlainAgent();
  return client;
}
