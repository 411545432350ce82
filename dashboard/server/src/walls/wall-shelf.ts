/**
 * Composed walls as settings hold them: one entry per saved version, under
 * `wall:<id>.<version>.<claim>`. Two servers may write the same version at the
 * same time; the entry that stands first in the topic is that version, for
 * everybody and after every restart, and the other is not one.
 */
import { parseLayout, type WallLayout } from "@riskwall/schemas/wall-layout";
import { z } from "zod";

const entry = z.object({
  note: z.string(),
  at: z.string(),
  by: z.string(),
  /** Null: the wall was removed. */
  layout: z.unknown(),
});

export interface WallVersion {
  readonly wallId: string;
  readonly version: number;
  /** Tells apart two attempts to be the same version. */
  readonly claim: string;
  readonly note: string;
  readonly at: string;
  readonly by: string;
  /** Null: the wall was removed. */
  readonly layout: WallLayout | null;
}

export interface WallShelf {
  /** Takes an entry of the settings topic; what has no known shape is gone. */
  put: (id: string, value: unknown) => void;
  /** Versions kept of a wall, the newest first; its last one may be a removal. */
  versions: (wallId: string) => readonly WallVersion[];
  /** The newest version of each wall that was not removed. */
  heads: () => readonly WallVersion[];
}

const idPattern = /^([0-9a-f]{12})\.(\d{1,9})\.([0-9a-f]{8})$/;

export function settingKeyOf(
  version: Pick<WallVersion, "wallId" | "version" | "claim">,
): string {
  const { wallId, version: n, claim } = version;
  return `wall:${wallId}.${String(n)}.${claim}`;
}

function versionOf(id: string, value: unknown): WallVersion | null {
  const [, wallId = "", n = "", claim = ""] = idPattern.exec(id) ?? [];
  const parsed = entry.safeParse(value);
  if (wallId === "" || !parsed.success) return null;
  const { layout: raw, ...facts } = parsed.data;
  const { layout } = parseLayout(raw);
  // A layout that is none any more is no removal: its panels were renamed.
  if (raw !== null && layout === null) return null;
  return { wallId, version: Number(n), claim, ...facts, layout };
}

export function createWallShelf(): WallShelf {
  const walls = new Map<string, Map<number, WallVersion>>();
  const drop = (id: string): void => {
    const [, wallId = "", n = "", claim = ""] = idPattern.exec(id) ?? [];
    const kept = walls.get(wallId);
    if (kept?.get(Number(n))?.claim === claim) kept.delete(Number(n));
    if (kept?.size === 0) walls.delete(wallId);
  };
  const newest = (wallId: string): WallVersion[] =>
    [...(walls.get(wallId)?.values() ?? [])].sort(
      (a, b) => b.version - a.version,
    );
  return {
    put: (id, value) => {
      const version = versionOf(id, value);
      if (version === null) {
        drop(id);
        return;
      }
      const kept = walls.get(version.wallId) ?? new Map<number, WallVersion>();
      walls.set(version.wallId, kept);
      const known = kept.get(version.version);
      if (known === undefined || known.claim === version.claim) {
        kept.set(version.version, version);
      }
    },
    versions: newest,
    heads: () =>
      [...walls.keys()].flatMap((wallId) => {
        const [head] = newest(wallId);
        return head === undefined || head.layout === null ? [] : [head];
      }),
  };
}
