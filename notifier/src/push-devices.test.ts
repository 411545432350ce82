import { describe, expect, it } from "vitest";
import webPush from "web-push";
import { createPushBrowser } from "./channels/open-push.test-support.ts";
import { deviceOf } from "./push-devices.ts";
import { createSettings, type SettingsStore } from "./settings.ts";

const { keys } = createPushBrowser("BTBZMqHH6r4Tts7J_aSIgg");
const device = (id: string, user: string): object => ({
  ...{ id, user, endpoint: `https://push.example/${id}`, ...keys },
});

function world(): SettingsStore {
  const settings = createSettings();
  settings.put("vapid:main", webPush.generateVAPIDKeys());
  settings.put("channel:push", {
    ...{ id: "push", kind: "webpush", subject: "mailto:ops@example.com" },
  });
  settings.put("oncall:main", {
    people: [
      {
        id: "li",
        name: "李雷",
        user: "li.lei",
        default: [{ channel: "push" }],
      },
      { id: "han", name: "韩梅", default: [{ channel: "push" }] },
    ],
  });
  settings.put("push:a", device("a", "li.lei"));
  settings.put("push:b", device("b", "li.lei"));
  settings.put("push:c", device("c", "wang"));
  return settings;
}
const fan = (settings: SettingsStore, channel: string) =>
  settings.plan().fans.get(channel);

describe("registered browsers", () => {
  it("are those of the person who signs in", () => {
    const settings = world();
    expect(fan(settings, "push@li")).toEqual(["push/a", "push/b"]);
    expect(fan(settings, "push@han")).toBeUndefined();
    expect(fan(settings, "push")).toEqual(["push/a", "push/b", "push/c"]);
    expect(settings.channel("push/a")).toMatchObject({
      ...{ id: "push/a", kind: "webpush", target: "push.example" },
    });
    const people = settings.plan().duty.people;
    expect(people.get("han")?.contacts.has("push")).toBe(true);
    // Nobody's browser is a matter of set-up, which the delivery says.
    expect(settings.channel("push@han")?.kind).toBe("webpush");
  });

  it("are told of nothing once they are removed or their user disabled", () => {
    const settings = world();
    settings.put("push:a", null);
    expect(fan(settings, "push@li")).toEqual(["push/b"]);
    settings.put("user:li.lei", { disabled: true });
    expect(fan(settings, "push@li")).toBeUndefined();
    expect(settings.channel("push/b")).toBeNull();
    settings.put("user:li.lei", { disabled: false });
    expect(fan(settings, "push@li")).toEqual(["push/b"]);
    settings.put("user:li.lei", null);
    expect(fan(settings, "push@li")).toBeUndefined();
  });

  it("show no secret of theirs", () => {
    const secrets = world().channel("push/a")?.secrets ?? [];
    expect(secrets).toContain("https://push.example/a");
    expect(secrets).toContain(keys.auth);
  });
});

it.each([
  ["push/a", "a"],
  ["push@li", null],
  ["webhook:x", null],
])("the device of channel %s", (channel, id) => {
  expect(deviceOf(channel)).toBe(id);
});
