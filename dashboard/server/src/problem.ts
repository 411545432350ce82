/** A refusal as an RFC 9457 problem document with a stable code. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(
    status: number,
    code: string,
    title: string,
    extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(title);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }

  document(requestId: string): object {
    const { status, code, message: title, extra } = this;
    return { type: "about:blank", status, code, title, requestId, ...extra };
  }
}
