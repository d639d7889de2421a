/** A measured order stands so many ticks below the bid that it answers: its price tells which quote that was. */
export const BELOW = 15_000;

/** The bare client has an account of its own: on the desk's it would be a second bot. */
export const BARE_KEYS = { apiKey: "bare-client", secret: "not-a-secret-loopback-only" } as const;
