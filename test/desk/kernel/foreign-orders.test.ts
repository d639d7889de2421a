import { describe, expect, it } from "vitest";
import type { OrderReportEvent } from "../../../src/core/event.ts";
import { lots, ticks } from "../../../src/core/units.ts";
import { entryOf } from "../../support/orders.ts";
import type { Rig } from "../../support/rig.ts";
import { desk, told } from "../../support/scenario.ts";

const STRANGER = { ...entryOf({ clientId: "web_77" }), lots: lots(3) };

/** A person's order rests, was told, and was accepted. */
function accepted(): Rig {
  const rig = desk();
  rig.feed(...rig.exchange.place(STRANGER));
  rig.pass(1_000);
  rig.state.foreignActivity = false;
  rig.isInstant = false;
  return rig;
}

/** A reading whose lists of orders are cut short. */
function cutShort(rig: Rig) {
  const event = rig.exchange.truth();
  const isOther = ({ clientId }: OrderReportEvent): boolean => clientId !== STRANGER.clientId;
  const { openOrders, history } = event.truth;
  return {
    ...event,
    truth: { ...event.truth, openOrders: openOrders.filter(isOther), history: history.filter(isOther) },
  };
}

const known = (rig: Rig) => [...rig.state.orders.foreign()].map(({ clientId }) => clientId);
const asked = (rig: Rig) => rig.requests.filter(({ type }) => type === "query");

describe("a person's order that a reading does not show", () => {
  it("is asked about and known on; that it rests is no news: nobody has to accept it again", () => {
    const rig = accepted();
    const before = told(rig).length;
    rig.turn(cutShort(rig));
    expect([known(rig), asked(rig)]).toMatchObject([
      ["web_77"],
      [
        {
          type: "query",
          facts: { clientId: "web_77", engine: "foreign", kind: "limit" },
          venueOrderId: "o2",
        },
      ],
    ]);
    rig.settle();
    expect([known(rig), told(rig).length - before, rig.state.foreignActivity]).toEqual([
      ["web_77"],
      0,
      false,
    ]);
    rig.turn(rig.exchange.truth());
    expect(asked(rig)).toEqual([]);
  });

  it("that rests at another price later is news as ever", () => {
    const rig = accepted();
    rig.turn(cutShort(rig));
    rig.settle();
    const order = rig.exchange.orders.get(STRANGER.clientId);
    if (order === undefined) throw new Error("it rests");
    rig.turn({ ...rig.exchange.report(order), price: ticks(498_000) });
    expect(rig.state.foreignActivity).toBe(true);
  });

  it("is forgotten when the answer says that it is over, or that there is none", () => {
    const canceled = accepted();
    canceled.exchange.cancel(STRANGER);
    canceled.turn(cutShort(canceled));
    expect(known(canceled)).toEqual(["web_77"]);
    canceled.settle();
    expect(known(canceled)).toEqual([]);

    const purged = accepted();
    purged.exchange.orders.delete(STRANGER.clientId);
    purged.turn(purged.exchange.truth());
    purged.settle();
    expect([known(purged), purged.state.foreignActivity]).toEqual([[], false]);
  });
});
