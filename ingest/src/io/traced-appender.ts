/** Gives records of a traced request the header that the next one goes on with. */
import { traceHeader, type Tracing } from "@riskwall/schemas/tracing";
import type { LogAppender } from "./appender.ts";

export function tracedAppender(
  appender: LogAppender,
  tracing: Tracing | null,
): LogAppender {
  if (tracing === null) return appender;
  return {
    ...appender,
    append: async (records) => {
      const span = tracing.start("append", tracing.current());
      if (span === null) return appender.append(records);
      const headers = { [traceHeader]: span.traceparent };
      try {
        await appender.append(
          records.map((record) => ({ ...record, headers })),
        );
      } finally {
        span.end();
      }
    },
  };
}
