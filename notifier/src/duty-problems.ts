/** What is wrong with a setting of on call: a path and a stable code. */
import type { z } from "zod";

export interface DutyProblem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

const pathOf = (parts: readonly PropertyKey[]): string =>
  parts.reduce<string>(
    (text, part) =>
      typeof part === "number"
        ? `${text}[${String(part)}]`
        : `${text}${text === "" ? "" : "."}${String(part)}`,
    "",
  );

export function problemsOf(error: z.ZodError): readonly DutyProblem[] {
  return error.issues.map((issue) => {
    const { path, message } = issue;
    const own: unknown = "params" in issue ? issue.params?.["code"] : undefined;
    const code = typeof own === "string" ? own : issue.code;
    return { path: pathOf(path), code, message };
  });
}

/** The line of a problem, as the command line prints it. */
export function problemText({ path, code, message }: DutyProblem): string {
  return `${path}: ${code}: ${message}`;
}
