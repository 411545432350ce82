/** The notifier's HTTP port: deliveries, channels, routing, silences. */
import { z } from "zod";
import type { NotifierCall } from "./notifier-call.ts";

/** A test waits for the provider, which may take its time. */
export const testTimeoutMs = 20_000;

const deliveriesShape = z.object({
  items: z.array(z.looseObject({ id: z.string(), state: z.string() })),
  acknowledgedAt: z.string().nullable(),
  next: z.null(),
});
export type Deliveries = z.output<typeof deliveriesShape>;

const answerShape = z.record(z.string(), z.unknown());
/** An answer of the notifier, handed on as it came. */
export type NotifierAnswer = z.output<typeof answerShape>;

export interface Notifier {
  /** Deliveries of an alert, oldest first; 503 when nobody answers. */
  deliveries: (alertId: string) => Promise<Deliveries>;
  /** Its refusals come through as they are; 503 when nobody answers. */
  get: (path: string) => Promise<NotifierAnswer>;
  post: (
    path: string,
    body: object,
    waitMs?: number,
  ) => Promise<NotifierAnswer>;
}

/** Path below the notifier with an id in it. */
export function notifierPath(list: string, id: string, rest = ""): string {
  return `/v1/${list}/${encodeURIComponent(id)}${rest}`;
}

export function connectNotifier(call: NotifierCall): Notifier {
  const answer = async (reply: Response): Promise<NotifierAnswer> =>
    answerShape.parse(await reply.json());
  return {
    get: async (path) => call(path, answer),
    post: async (path, body, waitMs) =>
      call(path, answer, waitMs === undefined ? { body } : { body, waitMs }),
    deliveries: async (alertId) =>
      call(notifierPath("alerts", alertId, "/deliveries"), async (reply) =>
        deliveriesShape.parse(await reply.json()),
      ),
  };
}
