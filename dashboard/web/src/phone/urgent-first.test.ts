import { describe, expect, it } from "vitest";
import { alertOf } from "../console/alerts/alert-view.test-support.ts";
import { urgentFirst, type Tab } from "./urgent-first.ts";

const at = (minute: number): string =>
  `2026-11-23T08:${String(minute).padStart(2, "0")}:00.000Z`;
const alerts = [
  alertOf({ alertId: "low", severity: "low", openedAt: at(9) }),
  alertOf({ alertId: "old", severity: "critical", openedAt: at(1) }),
  alertOf({ alertId: "high", severity: "high", openedAt: at(8) }),
  alertOf({ alertId: "new", severity: "critical", openedAt: at(7) }),
  alertOf({ alertId: "b", severity: "medium", openedAt: at(2) }),
  alertOf({ alertId: "a", severity: "medium", openedAt: at(2) }),
  alertOf({ alertId: "li's", state: "acknowledged", assignee: "li" }),
  alertOf({ alertId: "asleep", state: "snoozed", assignee: "wang" }),
  alertOf({ alertId: "over", state: "resolved", assignee: "li" }),
];

describe("the order of the phone's list", () => {
  it.each<[Tab, string[]]>([
    ["open", ["new", "old", "high", "a", "b", "low"]],
    ["mine", ["li's"]],
    [
      "all",
      [...["new", "old", "high"], ...["asleep", "li's"], ...["a", "b", "low"]],
    ],
  ])("%s", (tab, expected) => {
    expect(urgentFirst(alerts, tab, "li").map((it) => it.alertId)).toEqual(
      expected,
    );
  });
});
