/** Operator actions: one record in the log, and what the fold made of it. */
import { randomUUID } from "node:crypto";
import type { NamedRecord, OperatorAction } from "@riskwall/schemas";
import type { Identity } from "./access.ts";
import type { LogWriter } from "./io/kafka.ts";
import type { ActionAnswers } from "./live/action-answers.ts";
import { Problem } from "./problem.ts";

export interface ActionTarget {
  readonly customerId: string;
  readonly target: "alert" | "order" | "customer";
  readonly targetId: string;
}

export type ActionFields = Partial<
  Pick<
    OperatorAction,
    | "expected"
    | "reason"
    | "note"
    | "amount"
    | "currency"
    | "kind"
    | "until"
    | "assignee"
  >
> & { readonly action: string };

export interface Actions {
  /**
   * Appends the action and answers the body of a 202: the new version, that a
   * second person has to approve (`awaits`), or `pending` when the fold did not answer in time. Throws a 409 problem with
   * `current` when the fold refused it, 503 when the log cannot take it.
   */
  act: (
    who: Identity,
    target: ActionTarget,
    fields: ActionFields,
  ) => Promise<object>;
}

export interface ActionsDeps {
  readonly writer: Pick<LogWriter, "action">;
  readonly answers: ActionAnswers;
  readonly now: () => number;
}

/** Body of the 202, or a 409 problem for a refusal. */
export function answerBody(
  record: NamedRecord | null,
  actionId: string,
): object {
  switch (record?.name) {
    case "Alert": {
      const { version, actionVersion, state } = record.value;
      return { actionId, version, actionVersion, state };
    }
    case "Decision": {
      const { outcome, id } = record.value;
      return { actionId, outcome, decisionId: id };
    }
    case "ActionOutcome": {
      const { outcome, code, message, current } = record.value;
      if (code === "SECOND_PERSON") {
        return { actionId, applied: false, awaits: "second-person" };
      }
      if (outcome !== "refused") return { actionId, applied: true };
      throw new Problem(409, code, message, {
        actionId,
        current: JSON.parse(current) as unknown,
      });
    }
    default:
      return { actionId, pending: true };
  }
}

export function createActions(deps: ActionsDeps): Actions {
  return {
    act: async (who, target, fields) => {
      const actionId = randomUUID();
      const answer = deps.answers.wait(actionId);
      await deps.writer.action({
        eventId: actionId,
        source: "dashboard",
        time: deps.now(),
        historical: false,
        actionId,
        actor: who.user,
        expected: null,
        reason: null,
        note: null,
        amount: null,
        currency: null,
        kind: null,
        until: null,
        assignee: null,
        secondActor: null,
        ...target,
        ...fields,
      });
      return answerBody(await answer, actionId);
    },
  };
}
