import { CALM, type RequestEnd, type RequestSeen, type Trouble, type Weather } from "../faults/weather.ts";
import type { WallClock } from "./wall.ts";

/** A request on its way, and how its answer of type A comes back. */
export interface Way<A> {
  /** Carries the request out; called once, when it arrives. */
  carryOut(): A;
  /** The answer as a client sees it when lists come back partial, empty or stale; also hears of every true answer. */
  spoil(answer: A, end: RequestEnd): A;
  /** What the exchange says in trouble. */
  trouble(trouble: Trouble): A;
  send(answer: A): void;
  /** Breaks the connection. */
  cut(): void;
}

/** Takes one request through the weather to the exchange, and its answer back. In calm weather all happens at once. */
export function travel<A>(
  weather: Weather,
  wall: WallClock,
  about: Omit<RequestSeen, "wallAt">,
  address: string,
  way: Way<A>,
): void {
  if (weather === CALM) {
    way.send(way.carryOut());
    return;
  }
  const later = (run: () => void, delayMs: number): void => {
    if (delayMs === 0) run();
    else wall.setTimeout(run, delayMs);
  };
  const fate = weather.request({ ...about, wallAt: wall.now() });
  const { end, retryAfterMs = 0 } = fate;
  const answer = (made: A): void => later(() => way.send(made), fate.answerDelayMs);
  const trouble = (of: Trouble["end"]): void =>
    answer(way.trouble({ end: of, wallAt: wall.now(), retryAfterMs, address }));
  later(() => {
    switch (end) {
      case "neverArrives":
        way.cut();
        return;
      case "answerLost":
        way.carryOut();
        later(() => way.cut(), fate.answerDelayMs);
        return;
      case "hangs":
        way.carryOut();
        return;
      case "unknownStatus":
        way.carryOut();
        trouble(end);
        return;
      case "unavailable":
      case "failed":
      case "rateLimited":
      case "banned":
        trouble(end);
        return;
      case "answered":
      case "partial":
      case "empty":
      case "stale":
        answer(way.spoil(way.carryOut(), end));
    }
  }, fate.delayMs);
}
