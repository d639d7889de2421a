import type { InstrumentId } from "../core/instrument.ts";
import type { DeskDoor } from "../desk/ports.ts";
import { instrumentOf, quantity } from "./format.ts";
import type { Reply } from "./reply.ts";

/** What the exchange holds, what the desk can explain of it engine by engine, and which orders are nobody's. */
export function differences(desk: Snapshot, symbols: ReadonlySet<InstrumentId>): Reply {
  const books = desk.books.filter(
    (book) => symbols.has(book.instrument) && (book.lots !== 0 || book.mismatchLots !== 0),
  );
  const odd = books.filter((book) => book.mismatchLots !== 0);
  const strays = straysOf(desk).filter((order) => symbols.has(order.instrument));
  return {
    title: odd.length === 0 ? "The positions add up" : `Unexplained: ${odd.map(nameOf).join(", ")}`,
    tone: odd.length === 0 && strays.length === 0 ? "good" : "warning",
    lines: [
      ...strays.map(
        (order) =>
          `Order ${order.clientId || "without a name"} on ${order.instrument} (${order.side}) is ${
            order.state === "unknown" ? "being asked about" : "not the desk's"
          }.`,
      ),
      ...odd.map(
        (book) =>
          `Entries on ${nameOf(book)} wait. If you know where it comes from: /adopt ${book.instrument} counts it as foreign.`,
      ),
    ],
    ...(books.length === 0
      ? {}
      : {
          table: {
            columns: ["Position", "exchange", "explained", "engines", "foreign", "odd"],
            rows: books.map((book) => rowOf(desk, book)),
          },
        }),
  };
}

type Snapshot = ReturnType<DeskDoor["snapshot"]>;
type Book = Snapshot["books"][number];

const nameOf = ({ instrument, positionSide }: Book): string =>
  positionSide === "both" ? instrument : `${instrument} ${positionSide}`;

/** Orders that are not the desk's, or of which the exchange has not said what they are. */
const straysOf = (desk: Snapshot): Snapshot["orders"] =>
  desk.orders.filter(({ engine, state }) => engine === "foreign" || state === "unknown");

function rowOf(desk: Snapshot, book: Book): string[] {
  const instrument = instrumentOf(desk.instruments, book.instrument);
  const engines = book.shares
    .filter((share) => share.lots !== 0)
    .map((share) => `${share.engine} ${quantity(share.lots, instrument)}`);
  const told = (book.lots + book.mismatchLots) as Book["lots"];
  return [
    nameOf(book),
    quantity(told, instrument),
    quantity(book.lots, instrument),
    engines.join(", "),
    book.foreignLots === 0 ? "" : quantity(book.foreignLots, instrument),
    book.mismatchLots === 0 ? "" : quantity(book.mismatchLots, instrument),
  ];
}
