/** The audit log as the historian copied it. */
import { z } from "zod";
import {
  afterPlace,
  pageOf,
  type Page,
  type Past,
  type Place,
} from "./past.ts";

/** Empty fields do not restrict. */
export interface AuditFilter {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly customer: string;
  readonly outcome: string;
  readonly from: number | null;
  readonly to: number | null;
}

const entry = z.looseObject({
  id: z.string(),
  seq: z.number(),
  at: z.string(),
  hash: z.string(),
});
export type AuditItem = z.output<typeof entry>;

interface Row {
  readonly value: string;
  readonly at: string;
  readonly place: string;
}

/**
 * Newest first. An entry that lost a race stands under the same id as the one
 * that took its place later: that one is shown.
 */
export async function readAudit(
  past: Past,
  filter: AuditFilter,
  after: Place | null,
  size: number,
): Promise<Page<AuditItem>> {
  const next = afterPlace("occurred_at", "id", after);
  const rows = await past.rows<Row>(
    `SELECT value, toString(toUnixTimestamp64Milli(occurred_at)) AS at, id AS place
     FROM audit FINAL
     WHERE ({actor:String} = '' OR actor = {actor:String})
       AND ({action:String} = '' OR action = {action:String} OR startsWith(action, concat({action:String}, '.')))
       AND ({target:String} = '' OR target_id = {target:String})
       AND ({customer:String} = '' OR customer_id = {customer:String})
       AND ({outcome:String} = '' OR outcome = {outcome:String})
       AND toUnixTimestamp64Milli(occurred_at) >= {from:Int64}
       AND toUnixTimestamp64Milli(occurred_at) < {to:Int64}
       AND ${next.sql}
     ORDER BY occurred_at DESC, id DESC, seq DESC
     LIMIT 1 BY id LIMIT {size:UInt32}`,
    {
      ...next.params,
      actor: filter.actor,
      action: filter.action,
      target: filter.target,
      customer: filter.customer,
      outcome: filter.outcome,
      from: filter.from ?? 0,
      to: filter.to ?? Number.MAX_SAFE_INTEGER,
      size: size + 1,
    },
  );
  return pageOf(
    rows,
    size,
    (row) => ({ at: Number(row.at), id: row.place }),
    (row) => entry.parse(JSON.parse(row.value)),
  );
}
