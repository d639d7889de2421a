import { opened } from "../contract/store.contract.ts";

// Another process at the same file: taps 60 cards, writes an entry for each one it won, prints how many.
const [file = "", person = ""] = process.argv.slice(2);
const store = await opened({ file });
let wins = 0;
for (let at = 0; at < 60; at += 1) {
  const id = `card-${at}`;
  const actor = { person, role: "trader", platform: "telegram" } as const;
  if (!(await store.proposals.claim(id, "approve", actor, 3_000))) continue;
  wins += 1;
  await store.ledger.append("tap", person, { id });
}
await store.close();
process.stdout.write(`${wins}`);
