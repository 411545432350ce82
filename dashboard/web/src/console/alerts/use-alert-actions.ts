import type { AlertView } from "@riskwall/schemas";
import { useWords } from "../../use-words.ts";
import type { Asking, Wanted } from "../use-asking.ts";

/** What an action asks first; others need nothing. */
const wants: Readonly<Record<string, Wanted>> = {
  assign: "assignee",
  snooze: "until",
  comment: "note",
  confirm: "reason",
  dismiss: "reason",
  resolve: "reason",
};

/** Alerts acted on at once at most. */
export const bulkMax = 200;

export interface AlertActions {
  /** Asks what the action needs, then acts on each; true when it was sent. */
  readonly act: (
    alerts: readonly AlertView[],
    action: string,
  ) => Promise<boolean>;
  /** Releases or rejects the order of an alert. */
  readonly decide: (
    alert: AlertView,
    action: "release" | "reject",
  ) => Promise<void>;
  /** Puts the customer of an alert on hold or on watch. */
  readonly onCustomer: (
    alert: AlertView,
    action: "hold" | "watch" | "prepay",
  ) => Promise<void>;
}

function alertPath(alert: AlertView): string {
  return `/api/alerts/${encodeURIComponent(alert.alertId)}/actions`;
}

/** What people do about alerts; each is answered by the fold. */
export function useAlertActions(
  asking: Asking,
  reload: () => Promise<void>,
): AlertActions {
  const { t } = useWords();
  return {
    act: async (alerts, action) => {
      const wanted = wants[action];
      const many = alerts.length > 1 ? ` (${String(alerts.length)})` : "";
      const title = `${t(`alerts.${action}`)}${many}`;
      const said =
        wanted === undefined ? {} : await asking.ask({ title, wanted });
      if (said === null || alerts.length === 0) return false;
      await asking.sendAll(
        alerts.slice(0, bulkMax).map((alert) => ({
          path: alertPath(alert),
          body: { action, expected: alert.actionVersion, ...said },
        })),
      );
      await reload();
      return true;
    },
    decide: async (alert, action) => {
      if (alert.orderId === null) return;
      const said = await asking.ask({
        title: `${t(`alerts.${action}`)} ${alert.orderId}`,
        wanted: "reason",
        ends: action === "release",
      });
      if (said === null) return;
      const order = encodeURIComponent(alert.orderId);
      await asking.send(`/api/orders/${order}/actions`, { action, ...said });
      await reload();
    },
    onCustomer: async (alert, action) => {
      const title = `${t(`alerts.${action}`)} ${alert.customerName}`;
      const said = await asking.ask({ title, wanted: "reason" });
      if (said === null) return;
      const id = encodeURIComponent(alert.customerId);
      const body =
        action === "prepay"
          ? { action: "hold", kind: "prepayment" }
          : { action };
      await asking.send(`/api/customers/${id}/actions`, { ...body, ...said });
    },
  };
}
