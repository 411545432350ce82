import type { AlertActionView, DecisionView } from "@riskwall/schemas";

/** Who was first, where two people acted on one thing. */
export interface Winner {
  readonly actor: string;
  /** acknowledge, allow and so on. */
  readonly action: string;
  readonly at: string;
}

/** An alert or an order, as far as it says who acted on it last. */
export interface Target {
  readonly actions?: readonly AlertActionView[];
  readonly decision?: DecisionView | null;
}

/** The last act of a person on a target; null when it does not say. */
export function lastAct(target: Target | null): Winner | null {
  const act = target?.actions?.at(-1);
  if (act) return { actor: act.actor, action: act.action, at: act.at };
  const decision = target?.decision;
  if (!decision || decision.actor === null) return null;
  const { actor, outcome: action, decidedAt: at } = decision;
  return { actor, action, at };
}
