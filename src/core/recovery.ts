/** How a stuck position is recovered when its loss is within its stop's threshold (seed S1-84, X32). */
export type RecoveryMode = "aggressive" | "ladder" | "hedge" | "none";
