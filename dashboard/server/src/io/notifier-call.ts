/** A call of the notifier's HTTP port, which knows us by the secret of our home. */
import { z } from "zod";
import { partAway, Problem } from "../problem.ts";

/** Longest wait for an answer that does not say another. */
const timeoutMs = 3000;

const refusalShape = z.object({
  code: z.string(),
  title: z.string(),
  path: z.string().optional(),
});

/**
 * Asks with GET, or with POST where there is a body; `read` takes the good
 * answer. Refusals come through as they are; 503 when nobody answers, or in
 * another shape than `read` wants.
 */
export type NotifierCall = <T>(
  path: string,
  read: (reply: Response) => Promise<T>,
  options?: { readonly body?: object | undefined; readonly waitMs?: number },
) => Promise<T>;

async function refusalOf(reply: Response): Promise<Problem> {
  const { status } = reply;
  const { code, title, path } = refusalShape.parse(await reply.json());
  const extra = path === undefined ? {} : { path };
  return new Problem(status, code, title, extra);
}

export function createNotifierCall(
  baseUrl: string,
  secret: string,
): NotifierCall {
  const authorization = `Bearer ${secret}`;
  return async (path, read, { body, waitMs = timeoutMs } = {}) => {
    try {
      const reply = await fetch(`${baseUrl}${path}`, {
        signal: AbortSignal.timeout(waitMs),
        ...(body === undefined
          ? { headers: { authorization } }
          : {
              method: "POST",
              headers: { authorization, "content-type": "application/json" },
              body: JSON.stringify(body),
            }),
      });
      if (reply.ok) return await read(reply);
      // Of 401 the caller can do nothing: the two have different homes.
      if (reply.status >= 500 || reply.status === 401) {
        await reply.arrayBuffer();
        throw new Error(`status ${String(reply.status)}`);
      }
      throw await refusalOf(reply);
    } catch (error) {
      throw error instanceof Problem ? error : partAway("notifier", error);
    }
  };
}
