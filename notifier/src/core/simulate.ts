/** Who would get what when: the router itself, run ahead on one alert. */
import type { Brief } from "./brief.ts";
import type { Missed } from "./escalation.ts";
import type { Moment } from "./moment.ts";
import type { DutyCall, NoticeKind } from "./notice.ts";
import { nextDue, stepRouter, type Seen } from "./router.ts";
import { restoreRouter, type Change } from "./router-state.ts";

/** Messages that one simulation shows at most. */
export const simulatedMax = 500;
export const horizonMaxMs = 7 * 86_400_000;

export interface Foreseen {
  readonly afterMs: number;
  readonly kind: NoticeKind | "nobody";
  readonly receiver: string;
  readonly channels: readonly string[];
  readonly failover: readonly string[];
  readonly call: DutyCall | null;
  /** Step that leads nowhere, and why. */
  readonly missed: Missed | null;
}

export interface Ahead {
  /** When somebody acknowledges it; null = nobody does. */
  readonly ackAfterMs: number | null;
  readonly horizonMs: number;
}

/** All that would be sent were the alert announced at `moment.now`. */
export function simulate(
  brief: Brief,
  moment: Moment,
  { ackAfterMs, horizonMs }: Ahead,
): readonly Foreseen[] {
  const { plan, now: start } = moment;
  const state = restoreRouter([], []);
  const until = start + Math.min(horizonMs, horizonMaxMs);
  const ackAt = ackAfterMs === null ? null : start + ackAfterMs;
  const found: Foreseen[] = [];
  const note = (change: Change, now: number): void => {
    const afterMs = now - start;
    for (const missed of change.missed) {
      found.push({
        ...{ afterMs, kind: "nobody", receiver: "", channels: [] },
        ...{ failover: [], call: null, missed },
      });
    }
    for (const { notice, to } of change.notices) {
      const { kind, receiver, call = null } = notice;
      const { channels = [], failover = [] } =
        to ?? plan.receivers.get(receiver) ?? {};
      found.push({
        ...{ afterMs, kind, receiver, channels, failover, call },
        missed: null,
      });
    }
  };
  const step = (now: number, seen: readonly Seen[]): void => {
    note(stepRouter(state, seen, { ...moment, now }), now);
  };
  const open = { ...brief, state: "open" };
  step(start, [{ brief: open, announce: true, muted: false }]);
  let acknowledged = false;
  while (found.length < simulatedMax) {
    const due = nextDue(state);
    const ackNow: boolean =
      !acknowledged && ackAt !== null && (due === null || ackAt <= due);
    const at = ackNow ? ackAt : due;
    if (at === null || at > until) break;
    acknowledged ||= ackNow;
    const taken = { ...brief, state: "acknowledged" };
    const seen = { brief: taken, announce: false, muted: false };
    step(at, ackNow ? [seen] : []);
  }
  return found.slice(0, simulatedMax);
}
