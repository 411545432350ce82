import { expect, test } from "vitest";
import { loadConfig } from "./config.ts";

test.each(["RISKWALL_FAIL_CUSTOMER", "RISKWALL_DIE_AT"])(
  "%s is for tests: production refuses it",
  (name) => {
    const env = { [name]: "after-send" };
    expect(() => loadConfig({ ...env, NODE_ENV: "production" })).toThrow(name);
    expect(() => loadConfig(env)).not.toThrow();
  },
);
