/** Body of an RFC 9457 problem of the processor's HTTP port. */
export function problem(status: number, code: string, title: string): object {
  return { type: "about:blank", status, code, title };
}
