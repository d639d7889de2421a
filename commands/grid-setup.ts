import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import type { Button, Reply } from "../src/chat/reply.ts";
import type { GridSetup, SetupQuestion, SetupStage } from "../src/chat/setup.ts";

/** What a button or a person says instead of a value. */
const KEEP = "keep";
const NONE = "none";

/** Asks for the settings of one more grid, question by question, and shows what they come to. Nothing that runs is changed. */
export const gridSetup = defineCommand({
  name: "grid_setup",
  aliases: ["setup"],
  description: "Set up one more grid, question by question",
  examples: ["grid_setup", "grid_setup 0.8%", "grid_setup back", "grid_setup again"],
  topic: "engines",
  role: "trader",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({ answer: z.string().max(200, "An answer is 200 characters at most.").optional() }),
  args: [
    {
      name: "answer",
      description: "The answer, keep, none, back or again; left out: shows the question",
      isRequired: false,
    },
  ],
  sortWords: (words) => (words.length === 0 ? {} : { answer: words.join(" ") }),
  async run({ args, actor, setup }) {
    if (setup === undefined) return absent;
    const said = args.answer?.trim();
    const notes = said === undefined ? [] : take(setup, actor.person, said);
    // Drawing it anew must not answer once more.
    return { ...shown(setup.stage(actor.person), notes), line: "grid_setup" };
  },
});

/** The answer of every setup command where there is nothing to set up. */
export const absent: Reply = {
  title: "Not done",
  tone: "warning",
  lines: ["This desk was not started from settings that a grid could be added to."],
  isPrivate: true,
};

/** Does what was said; sentences that the person has to read. */
function take(setup: GridSetup, person: string, said: string): readonly string[] {
  if (said === "again") {
    setup.again(person);
    return [];
  }
  if (said === "back") return setup.back(person) ? [] : ["This is the first question."];
  const stage = setup.stage(person);
  if (stage.type === "complete")
    return ["All questions are answered: back asks the last one again, again forgets all."];
  const { question } = stage;
  const [, id, value = ""] = /^([a-zA-Z_.]+)=(.*)$/.exec(said) ?? [];
  if (id !== undefined && id !== question.id)
    return [`${id} is not what is asked now, so nothing was taken. This is:`];
  const text = id === undefined ? said : value;
  if (text === KEEP) return setup.answer(person, question.offered);
  return setup.answer(person, text === NONE && question.isOptional ? undefined : text);
}

const shown = (stage: SetupStage, notes: readonly string[]): Reply =>
  stage.type === "asks" ? asked(stage.question, notes) : complete(stage, notes);

function asked(question: SetupQuestion, notes: readonly string[]): Reply {
  const { id, offered, picks, isOptional } = question;
  const run = (label: string, answer: string, style: Button["style"] = "plain"): Button => ({
    label,
    style,
    action: { type: "run", line: `grid_setup ${answer}` },
  });
  const kept = offered === undefined ? [] : [run(`Keep ${offered}`, `${id}=${KEEP}`, "primary")];
  const others = picks.filter((pick) => pick !== offered).map((pick) => run(pick, `${id}=${pick}`));
  const out =
    question.isOptional && offered === undefined ? [run("Leave it out", `${id}=${NONE}`, "primary")] : [];
  const ways = [run("Back", "back"), run("Start anew", "again")];
  return {
    title: `Grid setup ${question.number} of ${question.of}`,
    tone: notes.length === 0 ? "plain" : "warning",
    lines: [...notes, question.prompt, question.help],
    fields: [
      { label: "Setting", text: id },
      { label: "Offered", text: offered ?? "nothing: it is left out" },
    ],
    buttons: [[...kept, ...out, ...others].slice(0, 5), ways].filter((row) => row.length > 0),
    footer: `Tap, or type /grid_setup and the value${isOptional ? ", or none to leave it out" : ""}.`,
    isPrivate: true,
  };
}

function complete(stage: Extract<SetupStage, { type: "complete" }>, notes: readonly string[]): Reply {
  const isGood = stage.mistakes.length === 0;
  return {
    title: isGood ? "Grid setup: complete" : "Grid setup: something does not fit",
    tone: isGood && notes.length === 0 ? "good" : "warning",
    lines: [...notes, ...stage.mistakes, ...stage.figures],
    table: { columns: ["Setting", "value"], rows: stage.settings },
    buttons: [
      [
        { label: "Back", style: "plain", action: { type: "run", line: "grid_setup back" } },
        { label: "Start anew", style: "plain", action: { type: "run", line: "grid_setup again" } },
      ],
    ],
    footer: isGood
      ? "/grid_setup_save writes the desk's settings with this grid to a new file. What runs is not changed."
      : "Back asks the last question again.",
    isPrivate: true,
  };
}
