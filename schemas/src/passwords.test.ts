import { scryptSync } from "node:crypto";
import { expect, test } from "vitest";
import { hashPassword, isPassword } from "./passwords.ts";

test("argon2id, a salt of its own each time", async () => {
  const one = await hashPassword("中文密码 right");
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hashPassword("中文密码 right")).not.toBe(one);
  expect(await isPassword("中文密码 right", one)).toBe(true);
  expect(await isPassword("wrong", one)).toBe(false);
});

test("a hash of a first home still fits", async () => {
  const salt = Buffer.from("0123456789abcdef");
  const key = scryptSync("right", salt, 32, { N: 1024, r: 8, p: 1 });
  const text = `scrypt$1024$8$1$${salt.toString("base64")}$${key.toString("base64")}`;
  expect(await isPassword("right", text)).toBe(true);
  expect(await isPassword("wrong", text)).toBe(false);
});

test.each([
  "plain$right",
  "",
  "scrypt$1$1$1$$",
  "$argon2id$v=19$m=8,t=1,p=1$AA$AA",
])("%s fits nothing", async (text) => {
  expect(await isPassword("right", text)).toBe(false);
});
