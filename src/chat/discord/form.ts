import {
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  type ModalSubmitInteraction,
  TextInputStyle,
} from "discord.js";
import { REASON_MOST } from "../../core/reason.ts";
import { tapText } from "../tap.ts";

const FIELD = "reason";

/** The form that asks why a card was rejected. It must be the first answer to the tap: Discord takes none after a deferral. */
export const reasonForm = (card: string): APIModalInteractionResponseCallbackData => ({
  custom_id: tapText({ type: "why", card }) ?? "",
  // 45 characters at most.
  title: `Card ${card.slice(0, 30)}`,
  components: [
    {
      type: ComponentType.Label,
      label: "Why was it rejected?",
      description: "Everybody who sees the card reads it; the ledger keeps it.",
      component: {
        type: ComponentType.TextInput,
        custom_id: FIELD,
        style: TextInputStyle.Paragraph,
        min_length: 1,
        max_length: REASON_MOST,
        required: true,
      },
    },
  ],
});

/** What was written into the form; undefined: it is none of ours. */
export function writtenIn({ fields }: ModalSubmitInteraction): string | undefined {
  try {
    return fields.getTextInputValue(FIELD);
  } catch {
    // A form is filled in by the person's app: fields may be missing, or others.
    return undefined;
  }
}
