import type { ActionResult } from "../api/actions.ts";

/** Another try under the same key is still being worked on. */
const inFlight = "idempotency_in_flight";

/** True when the server did not judge the act: it is sent again later. */
export function isNoWay({
  ok,
  status,
  code,
}: Pick<ActionResult, "ok" | "status" | "code">): boolean {
  if (ok) return false;
  // Not reached, not signed in, too many requests, a part away.
  return (
    status === 0 ||
    status === 401 ||
    status === 429 ||
    status >= 500 ||
    code === inFlight
  );
}
