import { filesUnder, read } from "./pages.ts";

/** One test of a scenario: its number (2b counts as 2), its file, and its name without number and carrier. */
interface ScenarioTest {
  readonly number: number;
  readonly file: string;
  readonly name: string;
}

const PART =
  /\b(describe)(?:\.each\([^)]*\))?\(\s*"((?:[^"\\]|\\.)*)"|\b(?:it|test)\(\s*"((?:[^"\\]|\\.)*)"|\)\(\s*"((?:[^"\\]|\\.)*)",\s*async/g;
const NUMBERED = /^scenario (\d+)b?: /;

/** All tests in test/scenarios that belong to a scenario, by their own name or by that of the group around them. */
export function scenarioTests(): readonly ScenarioTest[] {
  return filesUnder("test/scenarios", ".test.ts").flatMap((file) => {
    const tests: ScenarioTest[] = [];
    let around: number | undefined;
    for (const [, group, heading = "", plain, each] of read(file).matchAll(PART)) {
      const text = group === undefined ? (plain ?? each ?? "") : heading;
      const own = NUMBERED.exec(text)?.[1];
      if (group !== undefined) around = own === undefined ? undefined : Number(own);
      else {
        const number = own === undefined ? around : Number(own);
        const name = text.replace(NUMBERED, "").replace(" (%s)", "").replaceAll("%s", "...");
        if (number !== undefined) tests.push({ number, file, name });
      }
    }
    return tests;
  });
}
