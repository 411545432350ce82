import { expect, test } from "vitest";
import { Cluster, Redis } from "ioredis";
import { isRedisSetting, openRedis, redisNodes } from "./redis-client.ts";

test.each([
  ["redis://a:6379", true],
  ["rediss://user:secret@a:6379/2", true],
  ["redis://a:7000,redis://b:7000", true],
  ["redis://a:7000, redis://b:7000", true],
  ["redis://a:7000,", false],
  ["http://a:7000", false],
  ["a:7000", false],
])("%s is a setting: %s", (setting, is) => {
  expect(isRedisSetting(setting)).toBe(is);
});

test("one address is a server, several are nodes of a cluster", () => {
  const one = openRedis("redis://127.0.0.1:1", { lazyConnect: true });
  const many = openRedis(
    "redis://u:p%40ss@127.0.0.1:1,redis://u:p%40ss@127.0.0.1:2",
    { lazyConnect: true, commandTimeout: 7 },
  );
  expect(one).toBeInstanceOf(Redis);
  expect(many).toBeInstanceOf(Cluster);
  expect(redisNodes("redis://a, redis://b")).toEqual([
    "redis://a",
    "redis://b",
  ]);
  expect(many.options).toMatchObject({
    redisOptions: { commandTimeout: 7, username: "u", password: "p@ss" },
  });
  one.disconnect();
  many.disconnect();
});
