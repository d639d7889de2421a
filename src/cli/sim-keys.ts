/** Keys of the built-in exchange. They open nothing but a venue on this machine. */
export interface SimKeys {
  readonly keys: { readonly apiKey: string; readonly secret: string; readonly password?: string };
  /** What must be kept out of logs: only keys that a person chose. */
  readonly secrets: readonly string[];
}

/** OKX wants a passphrase beside key and secret; it opens nothing without them. */
const PASSWORD = "loopback-only";

/** The keys that desk and venue share in sim mode: PERPDESK_VENUE_KEY and PERPDESK_VENUE_SECRET, or well-known ones. */
export function simKeys(env: Readonly<Record<string, string | undefined>>): SimKeys {
  const apiKey = env["PERPDESK_VENUE_KEY"];
  const secret = env["PERPDESK_VENUE_SECRET"];
  if (apiKey === undefined || secret === undefined || apiKey === "" || secret === "") {
    return {
      keys: { apiKey: "perpdesk-built-in-venue", secret: "not-a-secret-loopback-only", password: PASSWORD },
      secrets: [],
    };
  }
  return { keys: { apiKey, secret, password: PASSWORD }, secrets: [apiKey, secret] };
}
