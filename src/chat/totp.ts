import { Secret, TOTP } from "otpauth";

/** How long one code holds. */
const STEP_MS = 30_000;
/** A code of the step before or after counts too: clocks differ, and people type slowly. */
const STEPS_OFF = 1;
/** 160 bits, as RFC 4226 recommends. */
const SECRET_BYTES = 20;

/** A fresh secret for an authenticator, in base32. */
export const freshSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

/** What an authenticator reads, often as a picture: `otpauth://totp/...` (SHA-1, six digits, 30 s, which all of them know). */
export const enrolmentUri = (secret: string, person: string): string => totp(secret, person).toString();

/** The number of the step to which this code belongs at this wall time (RFC 6238); undefined: it is wrong. */
export function stepOfCode(secret: string, code: string, wallAt: number): number | undefined {
  // The package compares bytes and throws where six characters are more than six of them.
  if (!/^\d{6}$/.test(code)) return undefined;
  const off = totp(secret, "").validate({ token: code, timestamp: wallAt, window: STEPS_OFF });
  return off === null ? undefined : Math.floor(wallAt / STEP_MS) + off;
}

const totp = (secret: string, person: string): TOTP =>
  new TOTP({
    issuer: "perpdesk",
    label: person,
    algorithm: "SHA1",
    digits: 6,
    period: STEP_MS / 1_000,
    secret: Secret.fromBase32(secret),
  });
