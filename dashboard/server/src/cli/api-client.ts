/** The dashboard's API as the command line sees it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const timeoutMs = 20_000;

/** A failure that has its own exit status (contract 6). */
export class CommandFailed extends Error {
  readonly exitCode: 1 | 2 | 3 | 4;
  constructor(exitCode: 1 | 2 | 3 | 4, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

const credentialsShape = z.object({
  operator: z.object({ user: z.string(), password: z.string() }),
});

export interface ApiClient {
  get: <Schema extends z.ZodType>(
    path: string,
    shape: Schema,
  ) => Promise<z.output<Schema>>;
  post: (path: string, body: object) => Promise<Record<string, unknown>>;
}

function readOperator(home: string): { user: string; password: string } {
  const file = join(home, "credentials.json");
  if (!existsSync(file)) {
    const hint = "set RISKWALL_HOME to a home that has credentials.json";
    throw new CommandFailed(2, `no ${file}: ${hint}`);
  }
  const text = readFileSync(file, "utf8");
  return credentialsShape.parse(JSON.parse(text)).operator;
}

const problemShape = z.object({
  code: z.string(),
  title: z.string(),
  /** Why a redriven event was refused. */
  reason: z.object({ code: z.string(), message: z.string() }).optional(),
});

function problemText(problem: z.output<typeof problemShape>): string {
  const { title, code, reason } = problem;
  const why = reason === undefined ? "" : `: ${reason.code}, ${reason.message}`;
  return `${title} (${code})${why}`;
}

/** Signs in at the first call, with the operator of the home. */
export function connectApi(baseUrl: string, home: string): ApiClient {
  let cookie: string | null = null;

  const call = async (path: string, init: RequestInit): Promise<Response> => {
    const signal = AbortSignal.timeout(timeoutMs);
    const reply = await fetch(`${baseUrl}${path}`, { ...init, signal }).catch(
      (error: unknown) => {
        const cause = error instanceof Error ? error.cause : error;
        const why = String(cause ?? error);
        throw new CommandFailed(4, `${baseUrl} does not answer: ${why}`);
      },
    );
    if (reply.ok) return reply;
    const body: unknown = await reply.json().catch(() => null);
    const parsed = problemShape.safeParse(body);
    const text = parsed.success
      ? problemText(parsed.data)
      : `status ${String(reply.status)}`;
    throw new CommandFailed(reply.status === 503 ? 4 : 1, text);
  };

  const json = { "content-type": "application/json" } as const;
  const session = async (): Promise<string> => {
    if (cookie !== null) return cookie;
    const reply = await call("/api/session", {
      method: "POST",
      headers: json,
      body: JSON.stringify(readOperator(home)),
    });
    cookie = reply.headers.get("set-cookie")?.split(";")[0] ?? "";
    return cookie;
  };

  return {
    get: async (path, shape) => {
      const reply = await call(path, { headers: { cookie: await session() } });
      return shape.parse(await reply.json());
    },
    post: async (path, body) => {
      const reply = await call(path, {
        method: "POST",
        headers: { ...json, cookie: await session() },
        body: JSON.stringify(body),
      });
      return z.record(z.string(), z.unknown()).parse(await reply.json());
    },
  };
}
