/** What the fold made of operator actions, for requests that wait. */
import type { NamedRecord } from "@riskwall/schemas";

/** How long a request waits for the fold. */
export const actionWaitMs = 1000;
/** Requests waiting at the same time at most; more are answered `pending`. */
export const waitingMax = 1000;

export interface ActionAnswers {
  /** The output that carries the action, or null when time is up. */
  wait: (actionId: string) => Promise<NamedRecord | null>;
  /** Takes any output. */
  offer: (record: NamedRecord) => void;
}

function actionOf(record: NamedRecord): string | null {
  switch (record.name) {
    case "Alert":
    case "Decision":
    case "ActionOutcome":
      return record.value.actionId;
    default:
      return null;
  }
}

export function createActionAnswers(): ActionAnswers {
  const waiting = new Map<string, (record: NamedRecord | null) => void>();
  return {
    wait: async (actionId) => {
      if (waiting.size >= waitingMax) return null;
      return new Promise((done) => {
        const end = (record: NamedRecord | null): void => {
          clearTimeout(timer);
          waiting.delete(actionId);
          done(record);
        };
        const timer = setTimeout(() => {
          end(null);
        }, actionWaitMs);
        waiting.set(actionId, end);
      });
    },
    offer: (record) => {
      const actionId = actionOf(record);
      if (actionId !== null) waiting.get(actionId)?.(record);
    },
  };
}
