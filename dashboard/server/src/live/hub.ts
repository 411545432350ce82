/**
 * Outputs of the processor into the live feed. Alerts leave at once; decisions
 * and score changes are kept raw and turned into rows at the next flush, so a
 * burst costs no more than what is shown of it.
 */
import {
  alertView,
  decisionView,
  scoreView,
  type Alert,
  type AlertView,
  type Decision,
  type DecisionView,
  type ScoreChange,
  type ScoreChangeView,
} from "@riskwall/schemas";
import type { LiveOp, LiveTimes } from "@riskwall/schemas/live";
import type { Tracing, TraceSpan } from "@riskwall/schemas/tracing";
import { asJson, createAlertBook, type AlertBook } from "../core/alert-book.ts";
import type { Feed } from "../core/feed.ts";
import { createOpenings, type Openings } from "../core/openings.ts";
import { createPulse, type Pulse } from "../core/pulse.ts";
import type { Rebuilding } from "../core/rebuilding.ts";
import { createRecent, type Recent } from "../core/recent.ts";
import type { OutputRecord } from "../io/outputs.ts";
import { createActionAnswers, type ActionAnswers } from "./action-answers.ts";
import type { Broadcast } from "./broadcast.ts";

/** Rows of the topics `orders` and `scores`. */
export const listMax = 100;
/** Customers named by outputs and not read again yet; the scan finds more. */
export const touchedMax = 5000;

export interface Hub {
  readonly book: AlertBook;
  readonly decisions: Recent<DecisionView>;
  readonly pulse: Pulse;
  readonly openings: Openings;
  readonly answers: ActionAnswers;
  onOutput: (item: OutputRecord) => void;
  /** Marks a customer as moved: read again soon. */
  touch: (customerId: string) => void;
  /** Takes an alert as a state or history holds it; the newest version wins. */
  takeAlert: (view: AlertView) => void;
  /** Sends ops of the alerts topic that come from no output. */
  sendAlerts: (ops: readonly LiveOp[]) => void;
  /** Sends everything queued; call at the flush rate. */
  flush: () => void;
  /** At most `max` customers named by outputs since they were last taken. */
  takeTouched: (max: number) => string[];
  /** Decisions consumed since the last call. */
  takeDecisionCount: () => number;
}

export interface HubDeps {
  readonly feed: Feed;
  readonly broadcast: Broadcast;
  readonly rebuilding: Pick<Rebuilding, "noteOutput">;
  readonly now: () => number;
  /** Now on the clock of the log: simulated in a simulated namespace. */
  readonly logNow: () => number;
  /** Null where nothing is traced. */
  readonly tracing?: Pick<Tracing, "start"> | null;
  /** Called with each customer an output names. */
  readonly onTouched: (customerId: string) => void;
  /** Called when an open alert was acknowledged just now. */
  readonly onAcknowledged: (alert: Alert) => void;
}

const traceOf = (span: TraceSpan | null): Pick<LiveTimes, "traceparent"> =>
  span === null ? {} : { traceparent: span.traceparent };

export function createHub(deps: HubDeps): Hub {
  const { feed, broadcast } = deps;
  const book = createAlertBook();
  const pulse = createPulse();
  const openings = createOpenings();
  const answers = createActionAnswers();
  const touched = new Set<string>();
  let newDecisions: Decision[] = [];
  /** Of the last traced decision that was not shown yet. */
  let decisionSpan: TraceSpan | null = null;
  let newScores: ScoreChange[] = [];
  let decisionCount = 0;
  const decisions = createRecent<DecisionView>({
    max: listMax,
    key: (view) => view.id,
    at: (view) => Date.parse(view.decidedAt),
    row: asJson,
  });
  const scores = createRecent<ScoreChangeView>({
    max: listMax,
    key: (view) => view.id,
    at: (view) => Date.parse(view.at),
    row: asJson,
  });

  const touch = (customerId: string): void => {
    deps.onTouched(customerId);
    if (touched.size < touchedMax) touched.add(customerId);
  };

  const sendAlerts = (
    ops: readonly LiveOp[],
    times: Partial<LiveTimes> = {},
  ): void => {
    if (ops.length === 0) return;
    const emitTime = deps.now();
    broadcast.send(
      feed.commit("alerts", undefined, ops, { ...times, emitTime }),
    );
  };

  const spanOf = (item: OutputRecord, name: string): TraceSpan | null =>
    deps.tracing?.start(name, item.traceparent, { startedAt: item.outputAt }) ??
    null;

  const onAlert = (alert: Alert, item: OutputRecord): void => {
    const { eventTime, appendedAt: appendTime } = alert;
    const before = book.get(alert.alertId)?.state;
    if (item.live && before === "open" && alert.state === "acknowledged") {
      deps.onAcknowledged(alert);
    }
    const ops = book.apply(alertView(alert), deps.logNow());
    const span = spanOf(item, "live alert");
    sendAlerts(ops, { eventTime, appendTime, ...traceOf(span) });
    span?.end();
    if (!alert.announce) return;
    openings.add(alert.alertId, alert.openedAt);
    if (item.live) pulse.add(item.outputAt, { alerts: 1 });
  };

  const onDecision = (decision: Decision, item: OutputRecord): void => {
    newDecisions.push(decision);
    const span = spanOf(item, "live decision");
    if (span !== null) {
      decisionSpan?.end();
      decisionSpan = span;
    }
    if (newDecisions.length > 2 * listMax) {
      newDecisions = newDecisions.slice(-listMax);
    }
    if (item.live) decisionCount += 1;
    if (!item.live || decision.muted || decision.trigger !== "order") return;
    pulse.add(item.outputAt, { orderAmount: decision.amountBase });
  };

  const onScore = (change: ScoreChange): void => {
    newScores.push(change);
    if (newScores.length > 2 * listMax) newScores = newScores.slice(-listMax);
  };

  const queueLists = (): void => {
    const emitTime = deps.now();
    const lastDecision = newDecisions.at(-1);
    if (lastDecision) {
      const ops = decisions.add(newDecisions.map(decisionView));
      const { decidedAt: eventTime, appendedAt: appendTime } = lastDecision;
      const times = { eventTime, appendTime, emitTime };
      feed.queue("orders", undefined, ops, {
        ...times,
        ...traceOf(decisionSpan),
      });
      decisionSpan?.end();
      decisionSpan = null;
      newDecisions = [];
    }
    const lastScore = newScores.at(-1);
    if (lastScore) {
      const ops = scores.add(newScores.map(scoreView));
      const { at: eventTime, appendedAt: appendTime } = lastScore;
      feed.queue("scores", undefined, ops, { eventTime, appendTime, emitTime });
      newScores = [];
    }
  };

  return {
    book,
    decisions,
    pulse,
    openings,
    answers,
    sendAlerts,
    touch,
    onOutput: (item) => {
      const { record } = item;
      switch (record.name) {
        case "Alert":
          onAlert(record.value, item);
          break;
        case "Decision":
          onDecision(record.value, item);
          break;
        case "ScoreChange":
          onScore(record.value);
          break;
        case "ActionOutcome":
          break;
        default:
          return;
      }
      const { partition, offset } = record.value;
      deps.rebuilding.noteOutput(partition, offset);
      touch(record.value.customerId);
      answers.offer(record);
    },
    takeAlert: (view) => {
      sendAlerts(book.apply(view, deps.logNow()));
    },
    flush: () => {
      queueLists();
      for (const delta of feed.flush(deps.now())) broadcast.send(delta);
    },
    takeTouched: (max) => {
      const taken: string[] = [];
      for (const id of touched) {
        if (taken.length >= max) break;
        taken.push(id);
      }
      for (const id of taken) touched.delete(id);
      return taken;
    },
    takeDecisionCount: () => {
      const count = decisionCount;
      decisionCount = 0;
      return count;
    },
  };
}
