import { describe, expect, it } from "vitest";
import { connectorTypes, DeclaredTypes } from "./declared-types.ts";

const types = new DeclaredTypes(`
/** An order. */
interface Order {
  /**
   * @type {string}
   */
  id?: string;
  size: number | bigint;
  legs: Array<Leg>;
}
interface Leg {
  isLong?: boolean;
}
interface Legs extends Array<Leg> {}
interface Odd {
  "two words": string;
}
type Answer = Order | Legs;
declare class Client {
  order(request: Fields): Promise<Wrapped<Order>>;
  close(): Promise<void>;
}
type Events = ({
  e: 'GONE';
} & Leg) | ({
  e: 'CAME';
} & Order);
`);
const order = { id: "a", size: 1, legs: [{ isLong: true }] };

describe("the reader of type declarations", () => {
  it("finds nothing wrong with a payload that has everything, and more", () => {
    expect(types.shortfalls("Order", { ...order, more: 1 })).toEqual([]);
    expect(types.shortfalls("Answer", order)).toEqual([]);
    expect(types.shortfalls("Answer", order.legs)).toEqual([]);
  });

  it("names what is missing, what is of another kind, and where", () => {
    expect(types.shortfalls("Order", { size: "1", legs: [{}, { isLong: null }] })).toEqual([
      ".id is missing",
      ".size is a string, not number",
      ".legs[].isLong is missing",
      ".legs[].isLong is null, not boolean",
    ]);
    expect(types.shortfalls("Order", null)).toEqual([" is null, not Order"]);
    expect(types.shortfalls("Legs", {})).toEqual([" is no list"]);
  });

  it("does not take an empty list for a complete one", () => {
    expect(types.shortfalls("Order", { ...order, legs: [] })).toEqual([".legs is an empty list"]);
  });

  it("reads rows that are alternatives as one", () => {
    const rows = [{ id: "a" }, { size: 1 }, { legs: [{ isLong: false }] }];
    expect(types.shortfalls("Array<Order>", rows, ["[]"])).toEqual([]);
    expect(types.shortfalls("Array<Order>", rows.slice(1), ["[]"])).toEqual(["[].id is missing"]);
  });

  it("lists methods and events with their types", () => {
    expect([...types.methodsOf("Client", "Wrapped")]).toEqual([["order", "Order"]]);
    expect([...types.eventsOf("Events")]).toEqual([
      ["GONE", "Leg"],
      ["CAME", "Order"],
    ]);
  });

  it("fails loudly when it finds no such type, or can't read it", () => {
    expect(() => types.shortfalls("Nobody", {})).toThrow(/hold a type Nobody/);
    expect(() => types.shortfalls("Odd", {})).toThrow(/fields of Odd can be read/);
    expect(() => types.methodsOf("Nobody", "Wrapped")).toThrow(/hold a class Nobody/);
    expect(() => types.methodsOf("Client", "Nothing")).toThrow(/answer with Nothing/);
  });

  it("finds the connector's declarations as large as they are", () => {
    const found = connectorTypes();
    expect(found.methodsOf("RestAPI", "RestApiResponse").size).toBeGreaterThan(90);
    expect(found.methodsOf("WebsocketStreamsConnection", "WebsocketStream").size).toBeGreaterThan(20);
    expect(found.eventsOf("UserDataStreamEventsResponse").size).toBe(10);
  });
});
