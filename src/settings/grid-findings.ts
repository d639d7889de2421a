/** What was found out about one grid on its instrument: what must be mended, and what is worth knowing. */
export class GridFindings {
  readonly problems: string[] = [];
  readonly notices: string[] = [];
  readonly #name: string;
  readonly #isUnderWay: boolean;

  /** `isUnderWay`: the grid may hold positions already, and a market that moved is no reason to leave them alone. */
  constructor(name: string, isUnderWay: boolean) {
    this.#name = name;
    this.#isUnderWay = isUnderWay;
  }

  /** A setting that can't be used with this instrument, and how to mend it. */
  complain(setting: string, written: string, mend: string): undefined {
    this.problems.push(this.#sentence(setting, written, mend));
    return undefined;
  }

  /** The same where only the market's price of now makes it so. */
  complainOfMarket(setting: string, written: string, mend: string): void {
    (this.#isUnderWay ? this.notices : this.problems).push(this.#sentence(setting, written, mend));
  }

  /** Worth knowing though nothing is wrong. */
  notice(text: string): void {
    this.notices.push(`${this.#name}: ${text}.`);
  }

  #sentence(setting: string, written: string, mend: string): string {
    return `engine "${this.#name}": ${setting} is ${written}: ${mend}${mend.endsWith("?") ? "" : "."}`;
  }
}
