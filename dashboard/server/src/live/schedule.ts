/** What the live side does again and again, and how often. */
import type { CustomerPages } from "./customer-pages.ts";
import type { DirectoryScan } from "./directory-scan.ts";
import type { Hub } from "./hub.ts";
import type { OpsPanel } from "./ops-panel.ts";
import type { PortfolioPanel } from "./portfolio-panel.ts";
import type { Repeats } from "./repeat.ts";

/** Everything but alerts leaves at this rate. */
export const flushEveryMs = 200;
/** Customers named by outputs read again per step at most. */
const touchedPerStep = 500;
/** Above this many records a second lists follow at a quarter of the pace. */
const busyPerSecond = 2000;
const busySteps = 4;

const rates = {
  totalsMs: 500,
  rankingsMs: 2000,
  pulseMs: 1000,
  opsMs: 1000,
  partsMs: 5000,
  scanMs: 250,
  pagesMs: 500,
  readingMs: 10_000,
  historyMs: 60_000,
  reconcileMs: 60_000,
} as const;

export interface ScheduleDeps {
  readonly hub: Hub;
  readonly portfolio: PortfolioPanel;
  readonly ops: OpsPanel;
  readonly scan: DirectoryScan;
  readonly pages: CustomerPages;
  /** What history knows of before the start; tried until it worked once. */
  readonly loadHistory: () => Promise<void>;
  readonly onSecond: () => Promise<void>;
  readonly refreshReading: () => Promise<void>;
  readonly reconcile: () => Promise<void>;
}

export function scheduleLive(repeats: Repeats, deps: ScheduleDeps): void {
  const { hub, portfolio, ops, scan, pages } = deps;
  let historyLoaded = false;
  let scans = 0;
  repeats.every(flushEveryMs, "flush", hub.flush);
  repeats.every(rates.totalsMs, "totals", portfolio.refreshTotals);
  repeats.every(rates.rankingsMs, "rankings", portfolio.refreshRankings);
  repeats.every(rates.pulseMs, "pulse", portfolio.refreshPulse);
  repeats.every(rates.opsMs, "positions", async () => {
    await ops.refresh();
    await deps.onSecond();
  });
  repeats.every(rates.partsMs, "health of the parts", ops.refreshParts);
  repeats.every(rates.scanMs, "scan of customers", async () => {
    scans += 1;
    if (ops.rate() > busyPerSecond && scans % busySteps !== 0) return;
    await scan.refresh(hub.takeTouched(touchedPerStep));
    await scan.step();
  });
  repeats.every(rates.pagesMs, "customer pages", async () => {
    pages.release();
    await pages.refresh();
  });
  repeats.every(rates.readingMs, "rule set", deps.refreshReading);
  repeats.every(rates.opsMs, "history at start", async () => {
    if (historyLoaded) return;
    await deps.loadHistory();
    historyLoaded = true;
  });
  repeats.every(rates.historyMs, "history", portfolio.refreshHistory);
  repeats.every(rates.reconcileMs, "alerts against states", deps.reconcile);
}
