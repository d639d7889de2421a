import { monitorEventLoopDelay as monitor } from "node:perf_hooks";

/** Measures how late this process's timers run. */
export interface EventLoopDelayMonitor {
  /** The 99th percentile since it was last taken, milliseconds. */
  takeP99Ms(): number;
  stop(): void;
}

/** Starts measuring. */
export function monitorEventLoopDelay(): EventLoopDelayMonitor {
  const resolution = 20;
  const histogram = monitor({ resolution });
  histogram.enable();
  return {
    takeP99Ms() {
      // The timer's own interval is part of what it measures.
      const ms = Math.max(0, histogram.percentile(99) / 1e6 - resolution);
      histogram.reset();
      return Math.round(ms * 10) / 10;
    },
    stop: () => histogram.disable(),
  };
}
