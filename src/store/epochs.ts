import { sql } from "kysely";
import { invariant } from "../core/invariant.ts";
import type { Connection } from "./tables.ts";

/**
 * Takes the lead of a scope in one statement: the epoch it returns is above every one it returned before,
 * in any process, and at least `atLeast` (what the exchange has seen). From 1.
 */
export async function takeEpoch(connection: Connection, scope: string, atLeast: number): Promise<number> {
  invariant(Number.isSafeInteger(atLeast), `epoch ${atLeast} is no whole number`);
  const first = Math.max(1, atLeast);
  const larger = connection.flavour === "postgres" ? sql.raw("greatest") : sql.raw("max");
  const row = await connection.db
    .insertInto("epoch")
    // The column is older than scopes: rows of earlier versions have an account's name alone.
    .values({ account: scope, epoch: first })
    .onConflict((conflict) =>
      conflict
        .column("account")
        .doUpdateSet({ epoch: sql<number>`${larger}(${sql.ref("epoch.epoch")} + 1, excluded.epoch)` }),
    )
    .returning("epoch")
    .executeTakeFirstOrThrow();
  return row.epoch;
}

/** Who leads a scope now: its latest epoch; 0 when nobody ever did. */
export async function currentEpoch(connection: Connection, scope: string): Promise<number> {
  const row = await connection.db
    .selectFrom("epoch")
    .select("epoch")
    .where("account", "=", scope)
    .executeTakeFirst();
  return Number(row?.epoch ?? 0);
}
