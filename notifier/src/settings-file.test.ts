import { expect, it } from "vitest";
import { readSettingsFile } from "./settings-file.ts";

const text = `
channels:
  - id: team
    kind: dingtalk
    url: https://oapi.dingtalk.com/robot/send?access_token=t
    secret: SECx
route: { receiver: team }
receivers: [{ name: team, channels: [team], failover: [webhook:ops] }]
silences:
  - id: s1
    matchers: ['customer_id="C-1"']
    startsAt: 2026-11-27T00:00:00+08:00
    endsAt: 2026-11-28T00:00:00+08:00
`;

it("gives an entry for each part, the routing with its version", () => {
  const read = readSettingsFile(text, 4, ["webhook:ops"]);
  if (read.kind !== "ok") throw new Error(read.problems.join());
  expect(read.entries.map(({ key }) => key)).toEqual([
    "channel:team",
    "silence:s1",
    "routing:main",
  ]);
  expect(read.entries[2]?.value).toMatchObject({ version: 4 });
});

it.each([
  ["a channel nobody defined", text, [], "webhook:ops is not defined"],
  ["what is no YAML", "a: [", [], "Flow sequence"],
  ["a broken channel", text.replace("dingtalk\n", "pigeon\n"), [], "pigeon"],
  ["a broken route", text.replace("{ receiver: team }", "{}"), [], "receiver"],
])("refuses %s", (_, given, known, why) => {
  const read = readSettingsFile(given, 1, known);
  expect(read.kind === "bad" && read.problems.join("\n")).toContain(why);
});
