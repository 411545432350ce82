/** The notifier's HTTP port: what became of the messages about an alert. */
import { z } from "zod";
import { partAway } from "../problem.ts";

const timeoutMs = 3000;

const deliveriesShape = z.object({
  items: z.array(z.looseObject({ id: z.string(), state: z.string() })),
  acknowledgedAt: z.string().nullable(),
  next: z.null(),
});
export type Deliveries = z.output<typeof deliveriesShape>;

export interface Notifier {
  /** Deliveries of an alert, oldest first; 503 when nobody answers. */
  deliveries: (alertId: string) => Promise<Deliveries>;
}

export function connectNotifier(baseUrl: string): Notifier {
  return {
    deliveries: async (alertId) => {
      const path = `/v1/alerts/${encodeURIComponent(alertId)}/deliveries`;
      try {
        const reply = await fetch(`${baseUrl}${path}`, {
          signal: AbortSignal.timeout(timeoutMs),
        });
        if (!reply.ok) throw new Error(`status ${String(reply.status)}`);
        return deliveriesShape.parse(await reply.json());
      } catch (error) {
        throw partAway("notifier", error);
      }
    },
  };
}
