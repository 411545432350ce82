/** Dead letters as the API of the dashboard answers them. */

/** The newest attempt to send a letter again. */
export interface RedriveNote {
  readonly state: "sending" | "sent" | "refused";
  readonly by: string;
  /** RFC 3339 */
  readonly at: string;
  readonly source: string;
  readonly eventId: string;
  readonly edited: boolean;
  readonly answer: string;
}

export interface DeadLetterRow {
  readonly id: string;
  /** RFC 3339 */
  readonly at: string;
  readonly stage: string;
  readonly source: string;
  readonly eventId: string;
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly redrive: RedriveNote | null;
}

export interface DeadLetterDetail extends DeadLetterRow {
  readonly topic: string;
  /** -1 when the letter came over HTTP. */
  readonly partition: number;
  readonly offset: number;
  readonly raw: string;
  readonly rawEncoding: "utf8" | "base64";
  readonly decoded: unknown;
  readonly body:
    | { readonly kind: "event"; readonly json: object }
    | { readonly kind: "none"; readonly code: string };
}

/** What a bulk redrive did. */
export interface RedriveCounts {
  readonly matched: number;
  readonly sent: number;
  readonly next: string | null;
}

/** JSON object of an edited text, or null while it is none. */
export function parseEdited(text: string): object | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && !Array.isArray(json)
      ? json
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
