/**
 * Pictures of typical exchanges as a phone shows them, from what the emulated platforms wrote down while a real desk traded in
 * simulated time: `npm run long -- screens` writes docs/screens and its page anew, `npm run long -- screens check` compares.
 */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pngOf } from "../../src/chat/pictures/raster.ts";
import { pageOf } from "../screens/page.ts";
import { play } from "../screens/scenes.ts";
import { openStage } from "../screens/stage.ts";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const isCheck = process.argv[2] === "check";

const folder = mkdtempSync(join(tmpdir(), "perpdesk-screens-"));
try {
  const stage = await openStage(undefined, folder);
  const screens = await play(stage).finally(() => stage.close());
  const files = new Map<string, Buffer>([["screens.md", Buffer.from(pageOf(screens))]]);
  for (const { name, svg } of screens) files.set(join("screens", `${name}.png`), await pngOf(svg));
  mkdirSync(join(DOCS, "screens"), { recursive: true });
  for (const [path, bytes] of files) {
    if (isCheck)
      assert(readFileSync(join(DOCS, path)).equals(bytes), `docs/${path} is not what is drawn now`);
    else writeFileSync(join(DOCS, path), bytes);
    process.stdout.write(`docs/${path} ${bytes.length} bytes${isCheck ? ", the same" : ""}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(process.exitCode ?? 0);
