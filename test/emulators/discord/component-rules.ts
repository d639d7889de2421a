import type { FormErrors } from "./problem.ts";

type Path = readonly (string | number)[];
type Fields = Readonly<Record<string, unknown>>;

const ROW = 1;
const BUTTON = 2;
const TEXT_INPUT = 4;
const LABEL = 18;
const SELECTS = [3, 5, 6, 7, 8];
const LAYOUTS_V2 = [1, 9, 10, 12, 13, 14, 17];
const LINK = 5;
const PREMIUM = 6;
const ROWS_MAX = 5;
const COMPONENTS_V2_MAX = 40;

/** Checks a message's components: rows of at most five buttons or one select, ids present, short and unique. */
export function checkComponents(components: unknown, isV2: boolean, errors: FormErrors): void {
  if (components === undefined || components === null) return;
  if (!Array.isArray(components)) {
    errors.add(["components"], "LIST_TYPE_CONVERT", "Could not interpret value as list.");
    return;
  }
  const ids = new Set<string>();
  const count = { all: 0 };
  if (!isV2) errors.count(["components"], components.length, 0, ROWS_MAX);
  const allowed = isV2 ? LAYOUTS_V2 : [ROW];
  for (const [index, component] of (components as Fields[]).entries()) {
    const at = ["components", index];
    if (!allowed.includes(Number(component["type"]))) choice([...at, "type"], allowed, errors);
    else checkOne(component, at, ids, count, errors);
  }
  if (isV2) errors.count(["components"], count.all, 0, COMPONENTS_V2_MAX);
}

/** Checks the data of a modal: title, id and one to five inputs, each in a label or in a row of its own. */
export function checkModal(modal: Fields, errors: FormErrors): void {
  errors.length(["title"], modal["title"], 1, 45);
  errors.length(["custom_id"], modal["custom_id"], 1, 100);
  const components = Array.isArray(modal["components"]) ? (modal["components"] as Fields[]) : [];
  errors.count(["components"], components.length, 1, 5);
  const ids = new Set<string>();
  for (const [index, component] of components.entries()) {
    const at = ["components", index];
    const type = component["type"];
    if (type !== ROW && type !== LABEL) choice([...at, "type"], [ROW, LABEL], errors);
    if (type === LABEL) errors.length([...at, "label"], component["label"], 1, 45);
    const inner =
      type === LABEL ? component["component"] : (component["components"] as Fields[] | undefined)?.[0];
    const input = (inner ?? {}) as Fields;
    checkId(input, [...at, "component"], ids, errors);
    if (input["type"] !== TEXT_INPUT) continue;
    if (type === ROW) errors.length([...at, "components", 0, "label"], input["label"], 1, 45);
    errors.length([...at, "component", "value"], input["value"], 0, 4_000);
    errors.length([...at, "component", "placeholder"], input["placeholder"], 0, 100);
  }
}

function checkOne(
  component: Fields,
  at: Path,
  ids: Set<string>,
  count: { all: number },
  errors: FormErrors,
): void {
  count.all += 1;
  const type = Number(component["type"]);
  if (type === ROW) checkRow(component, at, errors);
  if (type === BUTTON) checkButton(component, at, ids, errors);
  if (SELECTS.includes(type)) checkSelect(component, at, ids, errors);
  if (type === 10) errors.length([...at, "content"], component["content"], 1, 4_000);
  const inner = Array.isArray(component["components"]) ? (component["components"] as Fields[]) : [];
  for (const [index, child] of inner.entries())
    checkOne(child, [...at, "components", index], ids, count, errors);
  const accessory = component["accessory"];
  if (accessory !== undefined) checkOne(accessory as Fields, [...at, "accessory"], ids, count, errors);
}

function checkRow(row: Fields, at: Path, errors: FormErrors): void {
  const inner = Array.isArray(row["components"]) ? (row["components"] as Fields[]) : [];
  errors.count([...at, "components"], inner.length, 1, 5);
  const allowed = [BUTTON, ...SELECTS];
  for (const [index, child] of inner.entries()) {
    if (!allowed.includes(Number(child["type"])))
      choice([...at, "components", index, "type"], allowed, errors);
  }
  if (inner.length > 1 && inner.some((child) => SELECTS.includes(Number(child["type"])))) {
    errors.add(
      [...at, "components"],
      "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
      "The specified component exceeds the maximum width",
    );
  }
}

function checkButton(button: Fields, at: Path, ids: Set<string>, errors: FormErrors): void {
  const style = Number(button["style"]);
  errors.length([...at, "label"], button["label"], 0, 80);
  if (!Number.isInteger(style) || style < 1 || style > PREMIUM) {
    choice([...at, "style"], [1, 2, 3, 4, 5, 6], errors);
  } else if (style === LINK) {
    errors.length([...at, "url"], button["url"], 1, 512);
    if (button["custom_id"] !== undefined) {
      errors.add(at, "COMPONENT_CUSTOM_ID_URL_CONFLICT", "A custom id and url cannot both be specified");
    }
  } else if (style !== PREMIUM) {
    checkId(button, at, ids, errors);
    if (!button["label"] && !button["emoji"]) {
      errors.add(at, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or emoji is required");
    }
  }
}

function checkSelect(select: Fields, at: Path, ids: Set<string>, errors: FormErrors): void {
  checkId(select, at, ids, errors);
  errors.length([...at, "placeholder"], select["placeholder"], 0, 150);
  if (select["type"] !== 3) return;
  const options = Array.isArray(select["options"]) ? (select["options"] as Fields[]) : [];
  errors.count([...at, "options"], options.length, 1, 25);
  const values = new Set<unknown>();
  for (const [index, option] of options.entries()) {
    for (const name of ["label", "value"])
      errors.length([...at, "options", index, name], option[name], 1, 100);
    errors.length([...at, "options", index, "description"], option["description"], 0, 100);
    if (values.has(option["value"])) {
      errors.add(
        [...at, "options"],
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        "The specified option value is already used",
      );
    }
    values.add(option["value"]);
  }
}

function checkId(component: Fields, at: Path, ids: Set<string>, errors: FormErrors): void {
  const id = component["custom_id"];
  errors.length([...at, "custom_id"], id, 1, 100);
  if (typeof id !== "string") return;
  if (ids.has(id)) {
    errors.add(
      [...at, "custom_id"],
      "COMPONENT_CUSTOM_ID_DUPLICATED",
      "Component custom id cannot be duplicated",
    );
  }
  ids.add(id);
}

function choice(path: Path, values: readonly number[], errors: FormErrors): void {
  errors.add(path, "BASE_TYPE_CHOICES", `Value must be one of {${values.join(", ")}}.`);
}
