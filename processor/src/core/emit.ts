/**
 * Outputs of one input record. Each gets `pos = (partition, offset, n)`; n is
 * its ordinal inside the record, so a repeat is recognised by position.
 */
import type {
  ActionOutcome,
  Alert,
  DeadLetter,
  Decision,
  Late,
  LimitChange,
  ScoreChange,
} from "@riskwall/schemas";

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
    };

export interface Emitter {
  readonly partition: number;
  readonly offset: number;
  readonly outputs: Output[];
  /** Id `p-o-n` of the next output. */
  nextId: () => string;
  score: (value: Omit<ScoreChange, Position | "id">) => void;
  alert: (value: Omit<Alert, Position>) => void;
  outcome: (value: Omit<ActionOutcome, Position>) => void;
  decision: (value: Omit<Decision, Position | "id">) => void;
  limit: (value: Omit<LimitChange, Position | "id">) => void;
  late: (value: Omit<Late, Position>) => void;
  deadLetter: (value: DeadLetter) => void;
}

export function createEmitter(partition: number, offset: number): Emitter {
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
    nextId,
    score: (value) => {
      const whole = { ...pos(), id: nextId(), ...value };
      outputs.push({ topic: "scores", name: "ScoreChange", value: whole });
    },
    alert: (value) => {
      const whole = { ...pos(), ...value };
      outputs.push({ topic: "alerts", name: "Alert", value: whole });
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
  };
}
