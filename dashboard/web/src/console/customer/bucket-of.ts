import type { AgeingView, OpenItemView } from "@riskwall/schemas";

/** The age of an open item, in the buckets of the ageing. */
export function bucketOf(
  item: Pick<OpenItemView, "daysPastDue">,
): keyof AgeingView {
  const days = item.daysPastDue;
  if (days <= 0) return "notDue";
  if (days <= 30) return "d1to30";
  if (days <= 60) return "d31to60";
  return days <= 90 ? "d61to90" : "over90";
}
