/** How pictures look: light ones for bright rooms, dark ones for the rest. */
export type Theme = "dark" | "light";

/** The two, in the order in which people are offered them. */
export const THEMES: readonly Theme[] = ["dark", "light"];

/** What is drawn in which colour; each stands out from the background by at least 4.5 to 1, save the lines of an axis. */
export interface Palette {
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly rising: string;
  readonly falling: string;
  readonly held: string;
  readonly hedge: string;
  readonly warning: string;
  readonly danger: string;
}

/** The colours of each theme. */
export const PALETTES: Readonly<Record<Theme, Palette>> = {
  dark: {
    background: "#14171c",
    text: "#f1f3f5",
    muted: "#9aa5b4",
    line: "#2b323c",
    rising: "#3ecf8e",
    falling: "#ff7b7b",
    held: "#6cb0ff",
    hedge: "#cf9dfb",
    warning: "#f0b84a",
    danger: "#ff5a50",
  },
  light: {
    background: "#ffffff",
    text: "#14171c",
    muted: "#5b6675",
    line: "#dfe3e8",
    rising: "#0a7a4c",
    falling: "#c0303a",
    held: "#1a5fb4",
    hedge: "#7b3fb5",
    warning: "#8f5a00",
    danger: "#c4160f",
  },
};
