/**
 * ClickHouse in a small process of its own: libchdb's C entry runs
 * clickhouse-local's main, which can listen. Arguments: data path, HTTP port,
 * native port. Ends on SIGTERM.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DataType, load, open } from "ffi-rs";

const [path = "", http = "", native = ""] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const chdb = createRequire(require.resolve("chdb"));
const folder = dirname(chdb.resolve("@chdb/lib-linux-x64-gnu/package.json"));
open({ library: "chdb", path: join(folder, "libchdb.so") });

const args = [
  "clickhouse",
  `--path=${path}`,
  `--http_port=${http}`,
  `--tcp_port=${native}`,
  "--listen_host=127.0.0.1",
  "--query",
  "SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; SELECT sleepEachRow(1) FROM system.numbers FORMAT Null SETTINGS max_block_size=1, function_sleep_max_microseconds_per_block=0, max_execution_time=0",
];

load({
  library: "chdb",
  funcName: "query_stable_v2",
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
});
