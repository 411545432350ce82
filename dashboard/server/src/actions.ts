/** Operator actions: one record in the log, and what the fold made of it. */
import { randomUUID } from "node:crypto";
import type { NamedRecord, OperatorAction } from "@riskwall/schemas";
import type { Caller } from "./access.ts";
import type { AuditTrail } from "./audit/trail.ts";
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
> & {
  readonly action: string;
  /** Absent: a new one. The fold applies one id once. */
  readonly actionId?: string | undefined;
};

export interface Actions {
  /**
   * Appends the action and answers the body of a 202: the new version, that a
   * second person has to approve (`awaits`), or `pending` when the fold did not answer in time. Throws a 409 problem with
   * `current` when the fold refused it, 503 when the log cannot take it.
   */
  act: (
    who: Caller,
    target: ActionTarget,
    fields: ActionFields,
    /** How the target stood, for the audit log. */
    before?: unknown,
  ) => Promise<object>;
}

export interface ActionsDeps {
  readonly writer: Pick<LogWriter, "action">;
  readonly answers: ActionAnswers;
  readonly audit: Pick<AuditTrail, "done">;
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
  /** What came of an action, refusals of the fold included. */
  const write = async (
    who: Caller,
    target: ActionTarget,
    fields: ActionFields,
    came: { readonly before: unknown; readonly answer: object | Problem },
  ): Promise<void> => {
    const { action, reason, note, actionId: _, ...asked } = fields;
    const { before, answer } = came;
    const refused = answer instanceof Problem;
    await deps.audit.done(who, {
      action: `${target.target}.${action}`,
      targetKind: target.target,
      targetId: target.targetId,
      customerId: target.customerId,
      outcome: refused ? "refused" : "done",
      reason: reason ?? note ?? null,
      before,
      after: {
        ...asked,
        ...(refused ? { code: answer.code, ...answer.extra } : answer),
      },
    });
  };

  return {
    act: async (who, target, asked, before = null) => {
      const { actionId = randomUUID(), ...fields } = asked;
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
      const record = await answer;
      try {
        const body = answerBody(record, actionId);
        await write(who, target, fields, { before, answer: body });
        return body;
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 409) throw error;
        await write(who, target, fields, { before, answer: error });
        throw error;
      }
    },
  };
}
