import { expect, test } from "vitest";
import { machine, problems } from "./machine.ts";

const COLUMN =
  "a line begins at another column than those it belongs to; give it as many spaces as they have.";
const NO_COLON = 'a line is no "name: value"; write a colon and a space behind the name.';
const GOES_ON =
  'a value goes on as another "name: value"; check the spaces in front of the next line, or put a text with a colon in quotes.';
const open = (char: string, other = char) => `a ${char} is not closed; write the ${other} that is missing.`;

test.each([
  [
    "mode: sim\nchat:\n  telegram:\n    chats: [-100, -200\n    people: 3\n  discord: {}\nspeed: 3\n",
    4,
    open("[", "]"),
  ],
  ["chat: { people: [ {name: ann} }\nspeed: 3\n", 1, open("[", "]")],
  ["mode: sim # [ a remark\nrisk: { leverageMax: 3\nspeed: 3\n", 2, open("{", "}")],
  ['mode: "sim\nspeed: "3"\nmarket: x\n', 1, open('"')],
  ["mode: 'sim\nspeed: 3\n", 1, open("'")],
  ["risk: { leverageMax: 3 }}\nspeed: 3\n", 1, "a } closes nothing; remove it."],
  [
    "risk: { leverageMax: 3 lastStop: true }\n",
    1,
    "a comma is missing between { and }, or [ and ]; write one behind each value.",
  ],
  ["desk:\n\tname: abc\n", 2, "a line begins with a tab; write spaces in front of it."],
  ["engines:\n  - type: grid\n   name: a\n", 3, COLUMN],
  ["desk:\n  name: abc\n dataDir: x\n", 3, COLUMN],
  ["desk:\n  name: abc\n    dataDir: x\n", 2, GOES_ON],
  ["mode: a: b\n", 1, GOES_ON],
  ["mode: sim\nspeed 3\nmarket: x\n", 2, NO_COLON],
  ["mode:sim\nspeed: 3\n", 1, NO_COLON],
  ["engines:\n  -type: grid\n    name: a\n", 2, "a list item has no space behind its -; write one."],
  ["market: @x\n", 1, "a value can't begin with @; put it in quotes."],
  ["mode: sim\n---\nspeed: 3\n", 2, "a second document begins with ---; remove that line."],
  ["market: !x sim\n", 1, "a value begins with !; remove that word, or put the value in quotes."],
  ['market: "a\\q"\n', 1, 'a \\ stands in a text between ""; write it twice, or use single quotes.'],
])("a torn file is one sentence with file, line and mend, case %#", (text, line, sentence) => {
  expect(problems(machine({ "my.yaml": text }))).toEqual([`my.yaml:${line} is not valid YAML: ${sentence}`]);
});

test("each setting that is there twice is told", () => {
  const twice = (name: string) => `"${name}" stands there a second time; remove one of the two.`;
  expect(
    problems(machine({ "my.yaml": "speed: 1\nspeed: 2\nrisk: { lastStop: true, lastStop: false }\n" })),
  ).toEqual([
    `my.yaml:2 is not valid YAML: ${twice("speed")}`,
    `my.yaml:3 is not valid YAML: ${twice("lastStop")}`,
  ]);
});

test("what no sentence fits is told with what the reader said, and where to look", () => {
  expect(problems(machine({ "my.yaml": 'market: "x" y\n' }))).toEqual([
    "my.yaml:1 is not valid YAML: Unexpected scalar at node end; look at this line and the one above it.",
  ]);
});
