/** Calls of the dashboard's API. Shapes: `@riskwall/schemas` views. */

/** A wall opened with `?token=` reads with that token. */
export const wallToken = new URLSearchParams(location.search).get("token");

/** A refusal, as its problem document (RFC 9457) says. */
export class ApiProblem extends Error {
  readonly status: number;
  /** Stable; `network` when no answer came. */
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  /** Why a redriven dead letter was refused, in one line; else null. */
  readonly reason: string | null;
  /** Roles that would have been allowed; empty where it is no matter of them. */
  readonly roles: readonly string[];
  /** Seconds the server asks to wait; 0 = none. */
  readonly retryAfterS: number;

  constructor(
    status: number,
    document: Readonly<Record<string, unknown>>,
    retryAfterS = 0,
  ) {
    const text = (name: string): string => {
      const value = document[name];
      return typeof value === "string" ? value : "";
    };
    super(text("title") || `HTTP ${String(status)}`);
    this.status = status;
    this.code = text("code") || "error";
    this.detail = text("detail");
    this.requestId = text("requestId");
    const { reason } = document;
    this.reason = isRecord(reason)
      ? `${String(reason["code"])}, ${String(reason["message"])}`
      : null;
    const { roles } = document;
    this.roles = Array.isArray(roles) ? roles.map(String) : [];
    this.retryAfterS = retryAfterS;
  }
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Cursor of the next page; null at the end. */
  readonly next: string | null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string, status: number): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch (cause) {
    throw Object.assign(new ApiProblem(status, { code: "not_json" }), {
      cause,
    });
  }
}

export interface ApiCall {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: object;
  readonly signal?: AbortSignal;
  /** Shown instead of the session: the token of a link. */
  readonly bearer?: string;
  /** The server does it once, however often it is sent under this key. */
  readonly idempotencyKey?: string;
}

async function reach(path: string, call: ApiCall): Promise<Response> {
  const { method = "GET", body, signal, idempotencyKey } = call;
  const bearer = call.bearer ?? wallToken;
  try {
    return await fetch(path, {
      method,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(idempotencyKey === undefined
          ? {}
          : { "idempotency-key": idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw Object.assign(new ApiProblem(0, { code: "network" }), { cause });
  }
}

/** Calls the API with JSON; throws `ApiProblem` on a refusal. */
export async function api<Answer>(
  path: string,
  call: ApiCall = {},
): Promise<Answer> {
  const reply = await reach(path, call);
  const json = parseJson(await reply.text(), reply.status);
  if (!reply.ok) {
    const wait = Number(reply.headers.get("retry-after") ?? "0");
    throw new ApiProblem(
      reply.status,
      isRecord(json) ? json : {},
      Number.isFinite(wait) ? wait : 0,
    );
  }
  // The server's answers have the shapes of the shared views.
  return json as Answer;
}

/** A path with the values that are not empty as its query. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | null>>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text === "" ? path : `${path}?${text}`;
}

export function customerPath(id: string): string {
  return `/api/customers/${encodeURIComponent(id)}`;
}
