import type { Screen } from "./scenes.ts";

/** The page that shows all screens. */
export const pageOf = (screens: readonly Screen[]): string =>
  [
    "# Screens",
    "",
    "Typical exchanges as a phone shows them, 390 pixels wide. A real desk trades on the built-in exchange in simulated time; the emulated Telegram and Discord of the tests write down what the bot sent, and that is drawn. `npm run long -- screens` draws them anew, `npm run long -- screens check` compares byte by byte.",
    "",
    ...screens.flatMap(({ name, title, text }) => [
      `## ${title}`,
      "",
      text,
      "",
      `<img src="screens/${name}.png" width="390" alt="${title}">`,
      "",
    ]),
  ].join("\n");
