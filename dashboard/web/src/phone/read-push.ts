/** What a push says, as the notifier packs it: `{t, b, sev, url, tag}`. */
export interface Push {
  readonly title: string;
  readonly text: string;
  readonly path: string;
  /** A later one with the same tag takes its place. */
  readonly tag: string;
  readonly isUrgent: boolean;
}

/** A path of the phone's own pages; anything else leads to the list. */
export function pathOfPush(path: unknown): string {
  return typeof path === "string" && /^\/m(?:[/?#]|$)/.test(path) ? path : "/m";
}

export function readPush(said: unknown): Push {
  const fields: Readonly<Record<string, unknown>> =
    typeof said === "object" && said !== null ? { ...said } : {};
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  };
  return {
    title: text("t") || "riskwall",
    text: text("b"),
    path: pathOfPush(fields["url"]),
    tag: text("tag"),
    isUrgent: fields["sev"] === "critical",
  };
}
