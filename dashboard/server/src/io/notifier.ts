/** The notifier's HTTP port, which knows us by the secret of our home. */
import { z } from "zod";
import { partAway, Problem } from "../problem.ts";

const timeoutMs = 3000;
/** A test waits for the provider, which may take its time. */
export const testTimeoutMs = 20_000;

const deliveriesShape = z.object({
  items: z.array(z.looseObject({ id: z.string(), state: z.string() })),
  acknowledgedAt: z.string().nullable(),
  next: z.null(),
});
export type Deliveries = z.output<typeof deliveriesShape>;

const refusalShape = z.object({
  code: z.string(),
  title: z.string(),
  path: z.string().optional(),
});

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

export function connectNotifier(baseUrl: string, secret: string): Notifier {
  const authorization = `Bearer ${secret}`;
  const call = async (path: string, options: RequestInit, waitMs: number) => {
    try {
      const reply = await fetch(`${baseUrl}${path}`, {
        ...options,
        headers: { authorization, "content-type": "application/json" },
        signal: AbortSignal.timeout(waitMs),
      });
      // Of 401 the caller can do nothing: the two have different homes.
      if (reply.status >= 500 || reply.status === 401) {
        await reply.arrayBuffer();
        throw new Error(`status ${String(reply.status)}`);
      }
      const json: unknown = await reply.json();
      if (reply.ok) return answerShape.parse(json);
      const { code, title, path: field } = refusalShape.parse(json);
      const extra = field === undefined ? {} : { path: field };
      throw new Problem(reply.status, code, title, extra);
    } catch (error) {
      throw error instanceof Problem ? error : partAway("notifier", error);
    }
  };
  const get: Notifier["get"] = async (path) => call(path, {}, timeoutMs);
  return {
    get,
    post: async (path, body, waitMs = timeoutMs) =>
      call(path, { method: "POST", body: JSON.stringify(body) }, waitMs),
    deliveries: async (alertId) => {
      const parsed = deliveriesShape.safeParse(
        await get(notifierPath("alerts", alertId, "/deliveries")),
      );
      if (parsed.success) return parsed.data;
      throw partAway("notifier", parsed.error);
    },
  };
}
