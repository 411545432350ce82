/** How far an import is, on stderr: a bar on a terminal, else lines. */
/** On a terminal the line is drawn again so often; elsewhere lines are added. */
const drawEveryMs = 125;
const lineEveryMs = 5000;
const barWidth = 30;

export interface ProgressBar {
  readonly phase: (
    name: string,
    unit: string,
    total: number,
    done: number,
  ) => void;
  readonly add: (amount: number) => void;
  readonly stop: () => void;
}

interface Phase {
  readonly name: string;
  readonly unit: string;
  readonly total: number;
  readonly first: number;
  readonly started: number;
}

function seconds(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const whole = Math.ceil(value);
  const minutes = Math.floor(whole / 60);
  return minutes === 0
    ? `${String(whole)} s`
    : `${String(minutes)} min ${String(whole % 60)} s`;
}

/** Rate and time left of a phase. */
export function estimate(
  { total, first, started }: Pick<Phase, "total" | "first" | "started">,
  done: number,
  nowMs: number,
): { readonly rate: number; readonly left: string } {
  const passed = Math.max(0.001, (nowMs - started) / 1000);
  const rate = (done - first) / passed;
  return { rate, left: seconds((total - done) / rate) };
}

function rateText(rate: number, unit: string): string {
  return unit === "MB"
    ? `${(rate / 1_000_000).toFixed(1)} MB/s`
    : `${String(Math.round(rate))} ${unit}/s`;
}

export function createProgressBar(
  out: NodeJS.WriteStream,
  now: () => number,
): ProgressBar {
  let phase: Phase | null = null;
  let done = 0;
  let drawnAt = 0;
  const text = (of: Phase): string => {
    const { rate, left } = estimate(of, done, now());
    const share = Math.min(1, done / Math.max(1, of.total));
    const bar = "█".repeat(Math.round(share * barWidth)).padEnd(barWidth, "░");
    const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
    const speed = rateText(rate, of.unit);
    return `${of.name} ${bar} ${percent}  ${speed}  ${left} left`;
  };
  const draw = (of: Phase): void => {
    drawnAt = now();
    // Back to the line's begin, and clear what was longer.
    out.write(out.isTTY ? `\r${text(of)}\u001b[K` : `${text(of)}\n`);
  };
  const stop = (): void => {
    if (phase !== null && out.isTTY) {
      draw(phase);
      out.write("\n");
    }
    phase = null;
  };
  return {
    phase: (name, unit, total, first) => {
      stop();
      done = first;
      phase = { name, unit, total, first, started: now() };
      drawnAt = now();
    },
    add: (amount) => {
      if (phase === null) return;
      done += amount;
      const everyMs = out.isTTY ? drawEveryMs : lineEveryMs;
      if (now() - drawnAt >= everyMs) draw(phase);
    },
    stop,
  };
}
