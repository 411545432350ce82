/** Options of `npm start`, from arguments and the environment (contract 1). */
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";

export interface StartOptions {
  readonly home: string;
  readonly portBase: number;
  readonly sample: boolean;
  readonly speed: number;
  readonly lang: "zh-CN" | "en";
  readonly fresh: boolean;
}

function portBase(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65_000) {
    throw new InvalidArgumentError("a whole number in 1024..65000");
  }
  return port;
}

function speed(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("a positive number");
  return value;
}

function lang(text: string): "zh-CN" | "en" {
  if (text !== "zh-CN" && text !== "en") {
    throw new InvalidArgumentError("zh-CN or en");
  }
  return text;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Options win over the environment. Ends the process on a wrong option. */
export function parseStart(args: readonly string[], env: Env): StartOptions {
  const command = new Command("riskwall start")
    .description("the product with its whole local stack, until Ctrl-C")
    .option(
      "--home <dir>",
      "data, logs and credentials",
      env["RISKWALL_HOME"] ?? ".riskwall",
    )
    .option(
      "--port-base <n>",
      "first port",
      portBase,
      portBase(env["RISKWALL_PORT_BASE"] ?? "4000"),
    )
    .option("--no-sample", "feed no simulated events")
    .option(
      "--speed <x>",
      "simulated seconds per second",
      speed,
      speed(env["RISKWALL_SPEED"] ?? "1"),
    )
    .option(
      "--lang <tag>",
      "zh-CN or en",
      lang,
      lang(env["RISKWALL_LANG"] ?? "zh-CN"),
    )
    .option("--fresh", "start from nothing", false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .parse([...args], { from: "user" });
  const given = command.opts<{
    home: string;
    portBase: number;
    sample: boolean;
    speed: number;
    lang: "zh-CN" | "en";
    fresh: boolean;
  }>();
  return {
    ...given,
    home: resolve(given.home),
    sample: given.sample && env["RISKWALL_SAMPLE"] !== "off",
  };
}
