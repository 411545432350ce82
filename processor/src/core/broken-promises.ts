/** Promises that broke in this step, and the alert on them. Pure. */
import { raise } from "./alerts.ts";
import type { Customer } from "./customer.ts";
import type { Emitter } from "./emit.ts";
import type { Moment } from "./env.ts";
import { measureExposure } from "./exposure.ts";
import { promiseBroken } from "./settle.ts";
import { brokenPromises } from "./state-rules.ts";

const none: ReadonlySet<string> = new Set();

/** Promises that are broken already, to tell what breaks in this step. */
export function brokenIds(customer: Customer): ReadonlySet<string> {
  if (customer.state.promises.length === 0) return none;
  return new Set(
    customer.state.promises
      .filter((item) => item.status === promiseBroken)
      .map((item) => item.id),
  );
}

/** Alerts on the promises that were not broken before; none while loading. */
export function raiseBroken(
  customer: Customer,
  before: ReadonlySet<string>,
  moment: Moment,
  emitter: Emitter,
): void {
  const { loading, promises } = customer.state;
  if (loading !== null || promises.length === 0) return;
  const findings = brokenPromises(customer, before, moment);
  if (findings.length === 0) return;
  const exposure = measureExposure(customer, moment);
  for (const finding of findings) {
    raise(customer, finding, exposure, moment, emitter);
  }
}
