/** Wires on call: what the notifier says of it, and what people change. */
import type { AuditTrail } from "../audit/trail.ts";
import type { LogWriter } from "../io/kafka.ts";
import type { NotifierCall } from "../io/notifier-call.ts";
import { connectNotifierDuty, type NotifierDuty } from "../io/notifier-duty.ts";
import type { Settings } from "../io/settings.ts";
import { createCalendars, type Calendars } from "./calendars.ts";
import { createShares, type Shares } from "./shares.ts";

export interface OnCall {
  readonly duty: NotifierDuty;
  readonly shares: Shares;
  readonly calendars: Calendars;
}

export interface OnCallDeps {
  readonly callNotifier: NotifierCall;
  readonly publicUrl: string;
  readonly settings: Settings;
  readonly writer: Pick<LogWriter, "setting">;
  readonly audit: AuditTrail;
  readonly now: () => number;
}

export function createOnCall(deps: OnCallDeps): OnCall {
  const duty = connectNotifierDuty(deps.callNotifier);
  return {
    duty,
    shares: createShares({ ...deps, duty }),
    calendars: createCalendars({
      ...{ ...deps, duty },
      putFeed: async (feed) => {
        await deps.writer.setting(`calendar:${feed.id}`, feed);
      },
    }),
  };
}
