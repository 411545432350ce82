/** Answers of what-if and of credit checks as JSON. */
import {
  decisionView,
  type Decision,
  type WhatIfStandView,
  type WhatIfView,
} from "@riskwall/schemas";
import { formatMinor } from "@riskwall/schemas/money";
import type { Customer } from "./core/customer.ts";
import type { Env } from "./core/env.ts";
import { measureExposure } from "./core/exposure.ts";
import { computeFeatures } from "./core/features.ts";
import { classOf } from "./core/order-rules.ts";
import { valueText } from "./core/reasons.ts";
import { pdText, scoreFeatures } from "./core/scorecard.ts";
import {
  bringToNow,
  foresee,
  type Question,
  type QuestionProblem,
} from "./core/what-if.ts";
import { customerMoment } from "./view.ts";

function standView(customer: Customer, env: Env, now: number): WhatIfStandView {
  const { currency } = env.rules;
  const moment = customerMoment(customer, env, now);
  const exposure = measureExposure(customer, moment);
  const features = computeFeatures(customer, exposure, moment);
  const scored = scoreFeatures(customer, features, exposure, env);
  const money = (minor: number): string => formatMinor(minor, currency);
  const { limit, utilisation, total } = exposure;
  return {
    score: customer.state.score,
    class: classOf(customer),
    pd: pdText(scored.pd),
    exposure: money(total),
    overdue: money(exposure.overdue),
    dpdMax: exposure.dpdMax,
    limit: limit === null ? null : money(limit),
    headroom: limit === null ? null : money(limit - total),
    utilisation:
      utilisation === null || utilisation === Infinity
        ? null
        : utilisation.toFixed(4),
    currency,
    capEffect: scored.capEffect,
    cap: scored.cap === "" ? null : scored.cap,
    points: scored.points.map((point) => ({
      code: point.code,
      value: valueText(point),
      bin: point.bin,
      points: point.points,
    })),
  };
}

/** Before and after of a question; `open` gives a new copy at each call. */
export function answerWhatIf(
  open: () => Customer,
  question: Question,
  env: Env,
  now: number,
): WhatIfView | QuestionProblem {
  const before = open();
  const at = bringToNow(before, env, now);
  const foreseen = foresee(open(), question, env, now);
  if (typeof foreseen === "string") return foreseen;
  const { outputs, customer } = foreseen;
  return {
    customerId: before.state.id,
    before: standView(before, env, at),
    after: standView(customer, env, foreseen.now),
    decisions: outputs.flatMap((output) =>
      output.name === "Decision" ? [decisionView(output.value)] : [],
    ),
    alerts: outputs.flatMap((output) =>
      output.name === "Alert" && output.value.state === "open"
        ? [
            {
              ruleId: output.value.ruleId,
              severity: output.value.severity,
              titleZh: output.value.titleZh,
              titleEn: output.value.titleEn,
            },
          ]
        : [],
    ),
    rulesetVersion: env.rules.version,
  };
}

/** A decision as a credit check answers it: the order has no id yet. */
export function checkView(decision: Decision): object {
  const view = decisionView(decision);
  return {
    customerId: view.customerId,
    outcome: view.outcome,
    codes: view.codes,
    hits: view.hits,
    score: view.score,
    class: view.class,
    exposureBefore: view.exposureBefore,
    exposureAfter: view.exposureAfter,
    limit: view.limit,
    headroom: view.headroom,
    clearsZh: view.clearsZh,
    clearsEn: view.clearsEn,
    currency: decision.reportingCurrency,
    rulesetVersion: view.rulesetVersion,
    decidedAt: view.decidedAt,
  };
}
