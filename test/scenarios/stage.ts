import type { InstrumentId } from "../../src/core/instrument.ts";
import type { Role } from "../../src/core/order.ts";
import { lots, type Side, ticks } from "../../src/core/units.ts";
import type { Exchange, VenueConditional, VenueOrder } from "../../src/venue/exchange.ts";
import type { Script } from "../../src/venue/faults/script.ts";
import type { TurnTime } from "./turn-time.ts";
import type { ScenarioVenue } from "./venue.ts";

/** The exchange's side of a scenario's world: what its market and its other people do, and what really rests there. */
export class Stage {
  readonly time: TurnTime;
  readonly venue: ScenarioVenue;
  /** How often the exchange accepted each client id of the account. */
  readonly accepted = new Map<string, number>();

  constructor(time: TurnTime, venue: ScenarioVenue) {
    this.time = time;
    this.venue = venue;
    const conditionals = new Set<number>();
    const note = (clientId: string): void => {
      this.accepted.set(clientId, (this.accepted.get(clientId) ?? 0) + 1);
    };
    venue.exchange.listen(
      (event) => {
        if (event.type === "order" && event.change === "NEW" && event.order.conditionalId === undefined)
          note(`${event.order.account} ${event.order.clientId}`);
        if (event.type !== "conditional" || conditionals.has(event.conditional.conditionalId)) return;
        conditionals.add(event.conditional.conditionalId);
        note(`${event.conditional.account} ${event.conditional.clientId}`);
      },
      { depth: false },
    );
  }

  get exchange(): Exchange {
    return this.venue.exchange;
  }

  get script(): Script {
    return this.venue.script;
  }

  /** The market trades at this price (in ticks of 0.10) at once, and stays there. */
  price(price: number, instrument: InstrumentId = "BTCUSDT"): void {
    const { market, exchange } = this.venue;
    market.set(instrument, ticks(price));
    const until = market.nextAt();
    while (exchange.step(until)) {
      // Until the point of every instrument at that time is walked.
    }
  }

  /** Another client of the exchange trades at a price or better, at once; what is left over is dropped. */
  other(side: Side, size: number, price: number, isReduceOnly = false): void {
    const answer = this.exchange.place("other", {
      instrument: "BTCUSDT",
      clientId: "",
      side,
      positionSide: "both",
      kind: "limit",
      timeInForce: "IOC",
      price: ticks(price),
      lots: lots(size),
      reduceOnly: isReduceOnly,
    });
    if (!answer.ok) throw new Error(`the other client was refused: ${answer.reason}`);
  }

  /** A person trades on our account at the market, by hand. */
  byHand(side: Side, size: number, more: { readonly reduceOnly?: boolean } = {}): VenueOrder {
    const answer = this.exchange.place("main", {
      instrument: "BTCUSDT",
      clientId: "",
      side,
      positionSide: "both",
      kind: "market",
      timeInForce: "GTC",
      lots: lots(size),
      reduceOnly: more.reduceOnly ?? false,
    });
    if (!answer.ok) throw new Error(`the person was refused: ${answer.reason}`);
    return answer.value;
  }

  /** Orders of a role that live at the exchange: plain ones, and conditional ones for stops. */
  live(role: Role): readonly (VenueOrder | VenueConditional)[] {
    const letter = role === "lastStop" ? "z" : role.slice(0, 1);
    return [...this.exchange.openOrders("main"), ...this.exchange.openConditionals("main")].filter(
      ({ clientId }) => clientId.startsWith("pabc") && clientId[6] === letter,
    );
  }

  /** The only live order of a role. */
  one(role: Role): VenueOrder | VenueConditional {
    const [order, second] = this.live(role);
    if (order === undefined || second !== undefined)
      throw new Error(`${this.live(role).length} live orders of role ${role}, not one`);
    return order;
  }

  /** Signed lots that the exchange holds for the account. */
  get position(): number {
    return this.exchange.positions("main").find(({ instrument }) => instrument === "BTCUSDT")?.lots ?? 0;
  }

  /** The private stream says nothing of what `act` does (to the exchange, at once). */
  unheard(act: () => void): void {
    const speakAgain = this.script.always({ kind: "messageLost", on: "private" });
    act();
    speakAgain();
  }
}
