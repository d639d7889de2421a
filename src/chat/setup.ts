/** A question about a grid that is being set up, as chat asks it. */
export interface SetupQuestion {
  /** The setting's name: buttons carry it, so that an old one answers no other question. */
  readonly id: string;
  readonly prompt: string;
  /** What the setting does and which values it takes. */
  readonly help: string;
  /** What holds when it is kept; undefined: the setting is left out. */
  readonly offered: string | undefined;
  /** All values of a setting that has only a few; else none. */
  readonly picks: readonly string[];
  /** False: it needs a value. */
  readonly isOptional: boolean;
  readonly number: number;
  readonly of: number;
}

/** Where a person stands with a grid's settings. */
export type SetupStage =
  | { readonly type: "asks"; readonly question: SetupQuestion }
  | {
      readonly type: "complete";
      /** "name: value" of each setting that was chosen. */
      readonly settings: readonly (readonly [name: string, value: string])[];
      /** What they come to, as sentences. */
      readonly figures: readonly string[];
      /** What is still wrong, as sentences; none: it can be saved. */
      readonly mistakes: readonly string[];
    };

/** The dialogue about one more grid, a person's answers apart from every other's. They are gone with the process. */
export interface GridSetup {
  stage(person: string): SetupStage;
  /** Takes an answer to the question that stands; undefined leaves the setting out. Sentences: why it was not taken. */
  answer(person: string, text: string | undefined): readonly string[];
  /** Asks the question before again; false when there is none. */
  back(person: string): boolean;
  /** Forgets all answers of a person. */
  again(person: string): void;
  /** Writes the desk's settings with this grid to a new file; the outcome as a sentence. */
  save(person: string): { readonly isOk: boolean; readonly text: string };
}
