import type { AccountId } from "../../core/instrument.ts";
import { lots } from "../../core/units.ts";
import type { VenueEvent } from "../exchange.ts";
import { executionRow, fundingRow } from "./execution-view.ts";
import type { Floor, House } from "./house.ts";
import type { OrderRow } from "./order-notes.ts";
import { conditionalRow, orderRow } from "./order-view.ts";
import { positionRow } from "./position-view.ts";
import type { Topics } from "./topics.ts";
import { walletRow } from "./wallet-view.ts";

type Of<T extends VenueEvent["type"]> = Extract<VenueEvent, { type: T }>;

/** The private topics. */
export const PRIVATE_TOPICS: readonly string[] = ["order", "execution", "position", "wallet"];

/** Turns what happens on accounts into the private topics, and keeps the notes that calls need. Times are market time. */
export class AccountTopics {
  readonly #house: House;
  readonly #topics: Topics;
  /** News of a fill's money, held back until its execution is told. */
  readonly #held = new Map<AccountId, Of<"account">>();
  #count = 0;

  constructor(house: House, topics: Topics) {
    this.#house = house;
    this.#topics = topics;
  }

  /** Takes in one event of a floor; events of the market are none of its business. */
  take(floor: Floor, event: VenueEvent): void {
    if (event.type === "order") this.#order(floor, event);
    else if (event.type === "conditional") this.#conditional(floor, event);
    else if (event.type === "account") this.#account(floor, event);
  }

  /** Tells of an order that the matching refused after it was accepted. */
  refused(account: AccountId, row: OrderRow): void {
    this.#send(account, "order", Number(row.createdTime), () => [row]);
  }

  /** Tells how a book looks after its settings were changed. */
  changed(account: AccountId, floor: Floor, symbol: string): void {
    this.#positions(account, floor, symbol, floor.exchange.now());
  }

  #order(floor: Floor, { order, trade, at }: Of<"order">): void {
    const { account } = order;
    if (trade !== undefined) {
      this.#house.notes.note(floor.index, trade);
      this.#send(account, "execution", at, () => [executionRow(this.#house, floor, order, trade, true)]);
    }
    this.#send(account, "order", at, () => [orderRow(this.#house, floor, order)]);
    const held = trade === undefined ? undefined : this.#held.get(account);
    if (held === undefined) return;
    this.#held.delete(account);
    this.#money(floor, held);
  }

  #conditional(floor: Floor, { conditional, at }: Of<"conditional">): void {
    // From here on the order that it became tells.
    if (conditional.status === "triggered" || conditional.status === "finished") return;
    this.#send(conditional.account, "order", at, () => [conditionalRow(floor, conditional)]);
  }

  #account(floor: Floor, event: Of<"account">): void {
    const { account, reason } = event;
    if (reason === "order") {
      this.#held.set(account, event);
      return;
    }
    if (reason === "funding") this.#funding(floor, event);
    this.#money(floor, event);
  }

  #funding(floor: Floor, { account, at, balanceChange, instrument: name }: Of<"account">): void {
    const instrument = floor.instruments.get(name ?? "");
    if (instrument === undefined) return;
    const held = floor.exchange
      .positions(account)
      .filter((each) => each.instrument === instrument.id)
      .reduce((sum, each) => sum + each.lots, 0);
    const row = fundingRow(floor, instrument, lots(held), balanceChange, at);
    this.#house.notes.fund(account, { floor: floor.index, at, instrument: instrument.id, row });
    this.#send(account, "execution", at, () => [row]);
  }

  #money(floor: Floor, { account, at, instrument }: Of<"account">): void {
    if (instrument !== undefined) this.#positions(account, floor, instrument, at);
    this.#send(account, "wallet", at, () => [walletRow(this.#house, account, [])]);
  }

  #positions(account: AccountId, floor: Floor, symbol: string, at: number): void {
    this.#send(account, "position", at, () =>
      floor.exchange
        .positions(account)
        .filter((each) => each.instrument === symbol)
        .map((each) => positionRow(floor, each)),
    );
  }

  #send(
    account: AccountId,
    topic: string,
    creationTime: number,
    make: () => readonly (object | undefined)[],
  ): void {
    this.#topics.sendPrivate(account, topic, () => {
      this.#count += 1;
      const data = make().filter((row) => row !== undefined);
      return { id: `${account}_${this.#count}`, topic, creationTime, data };
    });
  }
}
