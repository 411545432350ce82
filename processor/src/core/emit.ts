/**
 * Outputs of one input record. Each gets `pos = (partition, offset, n)`; n is
 * its ordinal inside the record, so a repeat is recognised by position.
 */
import type {
  ActionOutcome,
  AlertSuppressed,
  Alert,
  BusinessRecord,
  CustomerMoved,
  CustomerState,
  DeadLetter,
  Decision,
  Late,
  LimitChange,
  OpenAlert,
  NamedRecord,
  ScoreChange,
} from "@riskwall/schemas";
import type { Moment } from "./env.ts";
import { emptyTally, type Tally } from "./tally.ts";

type Position = "partition" | "offset" | "n";

export type Output =
  | {
      readonly topic: "scores";
      readonly name: "ScoreChange";
      readonly value: ScoreChange;
    }
  | { readonly topic: "alerts"; readonly name: "Alert"; readonly value: Alert }
  | {
      readonly topic: "alerts";
      readonly name: "AlertSuppressed";
      readonly value: AlertSuppressed;
    }
  | {
      readonly topic: "alerts";
      readonly name: "ActionOutcome";
      readonly value: ActionOutcome;
    }
  | {
      readonly topic: "decisions";
      readonly name: "Decision";
      readonly value: Decision;
    }
  | {
      readonly topic: "scores";
      readonly name: "LimitChange";
      readonly value: LimitChange;
    }
  | { readonly topic: "late"; readonly name: "Late"; readonly value: Late }
  | {
      readonly topic: "deadletters";
      readonly name: "DeadLetter";
      readonly value: DeadLetter;
    }
  /** Records that the fold hands to another subject, through the log. */
  | {
      readonly topic: "events";
      readonly name: "CustomerMoved";
      readonly value: Omit<CustomerMoved, "state"> & {
        readonly state: CustomerState;
      };
    }
  | ({ readonly topic: "events" } & Forwarded);

/** A record for another name of its customer. */
export type Forwarded = BusinessRecord | OperatorRecord;
type OperatorRecord = Extract<NamedRecord, { name: "OperatorAction" }>;

/** An alert that a step opened or let speak again. */
export interface Raised {
  readonly alert: OpenAlert;
  readonly isNew: boolean;
  /** Chance of the finding without a cause; null where the rule knows none. */
  readonly p: number | null;
  /** 0 to 1: how sure the finding is of its numbers. */
  readonly confidence: number;
  readonly value: number;
  readonly moment: Moment;
}

export interface Emitter {
  readonly partition: number;
  readonly offset: number;
  readonly outputs: Output[];
  /** Counts of alert hygiene of the partition. */
  readonly tally: Tally;
  /** Alerts of the customer's step so far. */
  readonly raised: Raised[];
  /**
   * Writes who leads and who is quiet into snapshots already emitted, and
   * announces the newest of those first told now.
   */
  restate: (alerts: readonly OpenAlert[], told: ReadonlySet<OpenAlert>) => void;
  /** Id `p-o-n` of the next output. */
  nextId: () => string;
  score: (value: Omit<ScoreChange, Position | "id">) => void;
  alert: (value: Omit<Alert, Position>) => void;
  suppressed: (value: Omit<AlertSuppressed, Position | "id">) => void;
  outcome: (value: Omit<ActionOutcome, Position>) => void;
  decision: (value: Omit<Decision, Position | "id">) => void;
  limit: (value: Omit<LimitChange, Position | "id">) => void;
  late: (value: Omit<Late, Position>) => void;
  deadLetter: (value: DeadLetter) => void;
  moved: (
    value: Omit<CustomerMoved, "state"> & { readonly state: CustomerState },
  ) => void;
  forward: (record: Forwarded) => void;
}

export function createEmitter(
  partition: number,
  offset: number,
  tally: Tally = emptyTally(),
): Emitter {
  const outputs: Output[] = [];
  const pos = (): { partition: number; offset: number; n: number } => ({
    partition,
    offset,
    n: outputs.length,
  });
  const nextId = (): string =>
    `${String(partition)}-${String(offset)}-${String(outputs.length)}`;
  return {
    partition,
    offset,
    outputs,
    tally,
    raised: [],
    restate: (alerts, told) => {
      const known = new Map(alerts.map((alert) => [alert.alertId, alert]));
      outputs.forEach((output, i) => {
        if (output.name !== "Alert") return;
        const { value } = output;
        const alert = known.get(value.alertId);
        if (alert === undefined) return;
        const { parent, quiet, version } = alert;
        const first = told.has(alert) && value.version === version;
        const announce = first || value.announce;
        const marks = { parent, quiet, announce };
        outputs[i] = { ...output, value: { ...value, ...marks } };
      });
    },
    nextId,
    score: (value) => {
      const whole = { ...pos(), id: nextId(), ...value };
      outputs.push({ topic: "scores", name: "ScoreChange", value: whole });
    },
    alert: (value) => {
      const whole = { ...pos(), ...value };
      outputs.push({ topic: "alerts", name: "Alert", value: whole });
    },
    suppressed: (value) => {
      const whole = { ...pos(), id: nextId(), ...value };
      outputs.push({ topic: "alerts", name: "AlertSuppressed", value: whole });
    },
    outcome: (value) => {
      const whole = { ...pos(), ...value };
      outputs.push({ topic: "alerts", name: "ActionOutcome", value: whole });
    },
    decision: (value) => {
      const whole = { ...pos(), id: nextId(), ...value };
      outputs.push({ topic: "decisions", name: "Decision", value: whole });
    },
    limit: (value) => {
      const whole = { ...pos(), id: nextId(), ...value };
      outputs.push({ topic: "scores", name: "LimitChange", value: whole });
    },
    late: (value) => {
      const whole = { ...pos(), ...value };
      outputs.push({ topic: "late", name: "Late", value: whole });
    },
    deadLetter: (value) => {
      outputs.push({ topic: "deadletters", name: "DeadLetter", value });
    },
    moved: (value) => {
      outputs.push({ topic: "events", name: "CustomerMoved", value });
    },
    forward: (record) => {
      outputs.push({ topic: "events", ...record });
    },
  };
}
