/** Walls that people compose: saved as versions, each with who and when. */
import { randomBytes } from "node:crypto";
import type { WallLayout } from "@riskwall/schemas/wall-layout";
import type {
  WallListItem,
  WallVersionItem,
  WallView,
} from "@riskwall/schemas";
import type { Caller } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { Problem } from "../problem.ts";
import type { WallShelf, WallVersion } from "./wall-shelf.ts";

/** Walls there may be at the same time. */
export const wallsMax = 100;
/** Versions kept of one wall; older ones go. */
export const versionsMax = 50;

export interface Walls {
  /** By name. */
  list: () => readonly WallListItem[];
  /** A version of a wall, the newest when none is named; 404 without one. */
  read: (wallId: string, version?: number) => WallView;
  versions: (wallId: string) => readonly WallVersionItem[];
  create: (who: Caller, draft: Draft) => Promise<WallView>;
  /** 409 when the wall is no longer what the writer saw. */
  save: (who: Caller, wallId: string, draft: Draft & Seen) => Promise<WallView>;
  remove: (who: Caller, wallId: string, seen: Seen & Why) => Promise<void>;
}

interface Draft {
  readonly layout: WallLayout;
  readonly note: string;
}
interface Seen {
  /** The version the writer saw last. */
  readonly expected: number;
}
interface Why {
  readonly reason: string | null;
}

export interface WallsDeps {
  readonly shelf: Pick<WallShelf, "versions" | "heads">;
  readonly audit: Pick<AuditTrail, "done">;
  /** Resolves when the shelf holds what stands in the topic. */
  readonly put: (version: WallVersion) => Promise<void>;
  readonly drop: (version: WallVersion) => Promise<void>;
  readonly now: () => number;
}

type Whole = WallVersion & { readonly layout: WallLayout };

function item(head: Whole) {
  const { wallId, version, note, at, by, layout } = head;
  const { name, panels } = layout;
  return { wallId, version, name, panels: panels.length, note, at, by };
}

/** What the audit log keeps of a version. */
function facts(head: WallVersion): object {
  const { version, layout } = head;
  const ids = layout?.panels.map(({ id, kind }) => `${id}:${kind}`) ?? [];
  return { version, name: layout?.name ?? null, panels: ids };
}

function isWhole(version: WallVersion): version is Whole {
  return version.layout !== null;
}

export function createWalls(deps: WallsDeps): Walls {
  const { shelf, audit } = deps;

  const headOf = (wallId: string): Whole => {
    const [head] = shelf.versions(wallId);
    if (head !== undefined && isWhole(head)) return head;
    throw new Problem(404, "wall_unknown", "No such wall");
  };
  const changed = (head: WallVersion | undefined): Problem => {
    const { by = "", at = "", version = 0 } = head ?? {};
    const title = `Saved by ${by} at ${at} meanwhile`;
    return new Problem(409, "wall_changed", title, { by, at, version });
  };
  /** The version as it stands; 409 when another attempt stood first. */
  const write = async (version: WallVersion): Promise<void> => {
    await deps.put(version);
    const stands = shelf
      .versions(version.wallId)
      .find((it) => it.version === version.version);
    if (stands === undefined || stands.claim === version.claim) return;
    await deps.drop(version);
    throw changed(stands);
  };
  const dropOld = async (wallId: string, keep: number): Promise<void> => {
    for (const old of shelf.versions(wallId).slice(keep)) await deps.drop(old);
  };
  const next = (who: Caller, wallId: string, version: number) => ({
    ...{ wallId, version, claim: randomBytes(4).toString("hex") },
    ...{ at: new Date(deps.now()).toISOString(), by: who.user },
  });
  const viewOf = ({ claim: _, ...view }: Whole): WallView => view;

  return {
    list: () =>
      shelf
        .heads()
        .filter(isWhole)
        .map(item)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    read: (wallId, version) => {
      const head = headOf(wallId);
      if (version === undefined) return viewOf(head);
      const found = shelf.versions(wallId).find((it) => it.version === version);
      if (found !== undefined && isWhole(found)) return viewOf(found);
      throw new Problem(404, "version_unknown", "No such version");
    },
    versions: (wallId) => {
      headOf(wallId);
      return shelf.versions(wallId).filter(isWhole).map(item);
    },
    create: async (who, { layout, note }) => {
      if (shelf.heads().length >= wallsMax) {
        throw new Problem(409, "too_many_walls", "Remove a wall first");
      }
      const wallId = randomBytes(6).toString("hex");
      const made = { ...next(who, wallId, 1), layout, note };
      await write(made);
      await audit.done(who, {
        ...{ action: "wall.create", targetKind: "wall", targetId: wallId },
        after: facts(made),
      });
      return viewOf(made);
    },
    save: async (who, wallId, { layout, note, expected }) => {
      const before = headOf(wallId);
      if (before.version !== expected) throw changed(before);
      const made = { ...next(who, wallId, expected + 1), layout, note };
      await write(made);
      await dropOld(wallId, versionsMax);
      await audit.done(who, {
        ...{ action: "wall.save", targetKind: "wall", targetId: wallId },
        ...{ before: facts(before), after: facts(made) },
      });
      return viewOf(made);
    },
    remove: async (who, wallId, { expected, reason }) => {
      const before = headOf(wallId);
      if (before.version !== expected) throw changed(before);
      const grave = next(who, wallId, expected + 1);
      await write({ ...grave, layout: null, note: "" });
      // The grave stays: a save that was on its way finds it.
      await dropOld(wallId, 1);
      await audit.done(who, {
        ...{ action: "wall.remove", targetKind: "wall", targetId: wallId },
        ...{ reason, before: facts(before) },
      });
    },
  };
}
