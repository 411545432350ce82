import type { WallLayout } from "@riskwall/schemas/wall-layout";
import { describe, expect, it } from "vitest";
import type { Caller } from "../access.ts";
import type { Deed } from "../audit/trail.ts";
import {
  createWallShelf,
  settingKeyOf,
  type WallVersion,
} from "./wall-shelf.ts";
import { createWalls, versionsMax, wallsMax } from "./walls.ts";

const who = (user: string): Caller => ({
  ...{ user, role: "analyst", address: "::1", requestId: "r" },
});
const li = who("li");
const layout = (name: string): WallLayout => ({
  ...{ format: 1, name },
  panels: [{ id: "a", kind: "map", x: 0, y: 0, w: 12, h: 10 }],
});
const draft = (name: string, note = "") => ({ layout: layout(name), note });

/** Settings as a topic: every server reads the same entries in one order. */
function setUp() {
  const topic: (readonly [string, unknown])[] = [];
  const deeds: Deed[] = [];
  const shelf = createWallShelf();
  const id = (version: WallVersion): string =>
    settingKeyOf(version).slice("wall:".length);
  const write = (key: string, value: unknown): Promise<void> => {
    topic.push([key, value]);
    shelf.put(key, value);
    return Promise.resolve();
  };
  const entry = ({ layout: it, note, at, by }: WallVersion) => ({
    ...{ layout: it, note, at, by },
  });
  const walls = createWalls({
    shelf,
    audit: {
      done: (_, deed) => {
        deeds.push(deed);
        return Promise.resolve();
      },
    },
    put: async (version) => write(id(version), entry(version)),
    drop: async (version) => write(id(version), null),
    now: () => 1_000_000,
  });
  return { walls, shelf, topic, deeds, id, entry };
}

describe("a composed wall", () => {
  it("is kept with every version, who saved it and when", async () => {
    const { walls, deeds } = setUp();
    const { wallId } = await walls.create(li, draft("Lobby"));
    const saved = await walls.save(who("wu"), wallId, {
      ...draft("Entrance", "new name"),
      expected: 1,
    });
    expect(saved).toMatchObject({ wallId, version: 2, by: "wu" });
    expect(walls.read(wallId).layout.name).toBe("Entrance");
    expect(walls.read(wallId, 1).layout.name).toBe("Lobby");
    expect(walls.list()).toMatchObject([
      { wallId, name: "Entrance", panels: 1 },
    ]);
    expect(walls.versions(wallId)).toMatchObject([
      { version: 2, by: "wu", note: "new name" },
      { version: 1, by: "li", name: "Lobby" },
    ]);
    expect(deeds.map(({ action }) => action)).toEqual([
      ...["wall.create", "wall.save"],
    ]);
    expect(deeds[1]).toMatchObject({
      before: { version: 1, name: "Lobby", panels: ["a:map"] },
      after: { version: 2, name: "Entrance" },
    });
  });

  it("is not saved over what somebody else saved", async () => {
    const { walls } = setUp();
    const { wallId } = await walls.create(li, draft("A"));
    await walls.save(who("wu"), wallId, { ...draft("B"), expected: 1 });
    await expect(
      walls.save(li, wallId, { ...draft("C"), expected: 1 }),
    ).rejects.toMatchObject({ status: 409, code: "wall_changed" });
    expect(walls.read(wallId).layout.name).toBe("B");
  });

  it("has one version of each number, though two servers write it", async () => {
    const { walls, shelf, topic, id, entry } = setUp();
    const { wallId } = await walls.create(li, draft("A"));
    const other: WallVersion = {
      ...{ wallId, version: 2, claim: "00000000", note: "", at: "t", by: "wu" },
      layout: layout("theirs"),
    };
    // Stands in the topic before ours, though we looked before it came.
    const racing = createWalls({
      shelf,
      audit: { done: async () => Promise.resolve() },
      put: (version) => {
        shelf.put(id(other), entry(other));
        shelf.put(id(version), entry(version));
        return Promise.resolve();
      },
      drop: (version) => {
        topic.push([id(version), null]);
        return Promise.resolve();
      },
      now: () => 0,
    });
    await expect(
      racing.save(li, wallId, { ...draft("ours"), expected: 1 }),
    ).rejects.toMatchObject({ code: "wall_changed" });
    expect(walls.read(wallId).layout.name).toBe("theirs");
    expect(topic.at(-1)?.[1]).toBeNull();
  });

  it("that was removed is gone, also for who saves it late", async () => {
    const { walls, deeds } = setUp();
    const { wallId } = await walls.create(li, draft("A"));
    await walls.remove(li, wallId, { expected: 1, reason: "moved out" });
    expect(() => walls.read(wallId)).toThrow("No such wall");
    expect(walls.list()).toEqual([]);
    await expect(
      walls.save(who("wu"), wallId, { ...draft("B"), expected: 1 }),
    ).rejects.toMatchObject({ status: 404 });
    expect(deeds.at(-1)).toMatchObject({
      ...{ action: "wall.remove", reason: "moved out" },
    });
  });

  it("keeps a bounded number of versions; walls are bounded, too", async () => {
    const { walls } = setUp();
    const { wallId } = await walls.create(li, draft("A"));
    for (let n = 1; n <= versionsMax; n += 1) {
      await walls.save(li, wallId, { ...draft("A"), expected: n });
    }
    expect(walls.versions(wallId)).toHaveLength(versionsMax);
    expect(() => walls.read(wallId, 1)).toThrow("No such version");
    for (let n = 1; n < wallsMax; n += 1) await walls.create(li, draft("B"));
    await expect(walls.create(li, draft("C"))).rejects.toMatchObject({
      code: "too_many_walls",
    });
  });
});

it("entries of no known shape are no walls", () => {
  const shelf = createWallShelf();
  shelf.put("nothing", { layout: layout("A"), note: "", at: "", by: "" });
  shelf.put("0123456789ab.1.00000000", { layout: layout("A") });
  shelf.put("0123456789ab.1.00000000", {
    ...{ layout: { format: 9 }, note: "", at: "", by: "" },
  });
  expect(shelf.heads()).toEqual([]);
});
