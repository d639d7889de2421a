import type {
  FrameFate,
  FrameSeen,
  RequestFate,
  RequestSeen,
  Weather,
} from "../../src/venue/faults/weather.ts";
import type { Calm } from "./calm.ts";
import type { Lives } from "./lives.ts";

/** A delay that nobody needs an excuse for, wall milliseconds. */
const HARMLESS_MS = 300;
/** Ends of a request after which a list does not tell all. */
const LISTS_CUT: ReadonlySet<RequestFate["end"]> = new Set(["partial", "empty", "stale"]);

/** The weather, with every trouble that it makes told to those who must excuse it. */
export function watched(weather: Weather, calm: Calm, lives: Lives): Weather {
  return {
    request: (seen: RequestSeen): RequestFate => {
      const fate = weather.request(seen);
      const lateMs = fate.delayMs + fate.answerDelayMs;
      if (LISTS_CUT.has(fate.end)) lives.listCut(seen.wallAt);
      if (fate.end !== "answered" || lateMs > HARMLESS_MS)
        calm.trouble(
          `${seen.name} ${fate.end} ${lateMs} ms`,
          seen.wallAt + lateMs + (fate.retryAfterMs ?? 0),
        );
      return fate;
    },
    frame: (seen: FrameSeen): FrameFate => {
      const fate = weather.frame(seen);
      const lateMs = Math.max(0, ...fate);
      if (fate.length === 0) calm.trouble(`${seen.stream} message lost`, seen.wallAt);
      if (fate.length === 0 && seen.kind === "private") calm.unheard.push(seen.wallAt);
      else if (lateMs > HARMLESS_MS) calm.trouble(`${seen.stream} message late`, seen.wallAt + lateMs);
      return fate;
    },
    skewMs: (wallAt) => {
      const skewMs = weather.skewMs(wallAt);
      if (skewMs !== 0) calm.trouble(`clock skew of ${skewMs} ms`, wallAt);
      return skewMs;
    },
  };
}
