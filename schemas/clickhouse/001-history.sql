-- The log, its projection and the outputs (contract 5). Every table removes
-- repeats by position or identity under FINAL; inserts carry tokens. Values of
-- the log are inserted as base64 and kept as the bytes they were.
CREATE TABLE IF NOT EXISTS {db}.log (
  `partition` UInt16, `offset` UInt64, appended_at DateTime64(3, 'UTC'),
  customer_id String, occurred_at DateTime64(3, 'UTC'), name LowCardinality(String),
  key String, value64 String EPHEMERAL, value String DEFAULT base64Decode(value64) CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(appended_at) ORDER BY (`partition`, `offset`)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE TABLE IF NOT EXISTS {db}.events (
  event_id String, source LowCardinality(String), type LowCardinality(String),
  customer_id String, occurred_at DateTime64(3, 'UTC'), appended_at DateTime64(3, 'UTC'),
  amount Nullable(Decimal(18, 4)), currency LowCardinality(String), data String CODEC(ZSTD(3)),
  historical Bool, `partition` UInt16, `offset` UInt64,
  INDEX by_append appended_at TYPE minmax GRANULARITY 1,
  INDEX by_id event_id TYPE bloom_filter(0.01) GRANULARITY 4
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(occurred_at)
ORDER BY (customer_id, occurred_at, source, event_id)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE TABLE IF NOT EXISTS {db}.score_changes (
  id String, customer_id String, name String, segment LowCardinality(String),
  occurred_at DateTime64(3, 'UTC'), appended_at DateTime64(3, 'UTC'),
  score_from Nullable(Int32), score Int32, class_before LowCardinality(String), class LowCardinality(String),
  base Int32, points String CODEC(ZSTD(3)), cap_effect Int32, cap String, pd String,
  reasons String CODEC(ZSTD(3)), cause Array(String), corrected Bool, muted Bool, ruleset_version UInt64,
  exposure Decimal(38, 4), overdue Decimal(38, 4), credit_limit Nullable(Decimal(38, 4)), currency LowCardinality(String),
  text_zh String, text_en String, `partition` UInt16, `offset` UInt64, n UInt32
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(occurred_at)
ORDER BY (customer_id, occurred_at, `partition`, `offset`, n)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE TABLE IF NOT EXISTS {db}.alerts (
  alert_id String, rule_id LowCardinality(String), customer_id String, customer_name String, ref String,
  severity LowCardinality(String), state LowCardinality(String), version UInt32, action_version UInt32,
  occurred_at DateTime64(3, 'UTC'), opened_at DateTime64(3, 'UTC'), updated_at DateTime64(3, 'UTC'), appended_at DateTime64(3, 'UTC'),
  trigger_event_ids Array(String), title_zh String, title_en String,
  money_at_risk Decimal(38, 4), muted Bool, ruleset_version UInt64,
  view String CODEC(ZSTD(3)), `partition` UInt16, `offset` UInt64, n UInt32
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(occurred_at)
ORDER BY (customer_id, occurred_at, alert_id, version, `partition`, `offset`, n)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE TABLE IF NOT EXISTS {db}.decisions (
  id String, order_id String, customer_id String, event_id String, source LowCardinality(String),
  occurred_at DateTime64(3, 'UTC'), decided_at DateTime64(3, 'UTC'), appended_at DateTime64(3, 'UTC'),
  outcome LowCardinality(String), codes Array(String), `trigger` LowCardinality(String),
  amount Decimal(18, 4), currency LowCardinality(String), score Int32, class LowCardinality(String),
  actor String, muted Bool, ruleset_version UInt64, view String CODEC(ZSTD(3)),
  `partition` UInt16, `offset` UInt64, n UInt32
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(occurred_at)
ORDER BY (customer_id, occurred_at, order_id, `partition`, `offset`, n)
SETTINGS non_replicated_deduplication_window = 10000
;
ALTER TABLE {db}.decisions ADD INDEX IF NOT EXISTS by_order order_id TYPE bloom_filter(0.01) GRANULARITY 4
;
CREATE TABLE IF NOT EXISTS {db}.dead_letters (
  id String, occurred_at DateTime64(3, 'UTC'), stage LowCardinality(String), source LowCardinality(String),
  event_id String, customer_id String, type LowCardinality(String), code LowCardinality(String),
  path String, message String, raw String CODEC(ZSTD(3)), topic String,
  source_partition Int32, source_offset Int64, `partition` UInt16, `offset` UInt64
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(occurred_at)
ORDER BY (occurred_at, `partition`, `offset`)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE TABLE IF NOT EXISTS {db}.late (
  reason LowCardinality(String), event_id String, source LowCardinality(String), type LowCardinality(String),
  customer_id String, occurred_at DateTime64(3, 'UTC'), appended_at DateTime64(3, 'UTC'), raw String,
  `partition` UInt16, `offset` UInt64, n UInt32
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(appended_at)
ORDER BY (customer_id, occurred_at, `partition`, `offset`, n)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE TABLE IF NOT EXISTS {db}.portfolio_snapshots (
  customer_id String, occurred_at DateTime64(3, 'UTC'), seq UInt64, totals Map(String, Int64),
  `partition` UInt16, `offset` UInt64
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(occurred_at) ORDER BY (occurred_at, seq)
SETTINGS non_replicated_deduplication_window = 10000
;
CREATE TABLE IF NOT EXISTS {db}.history_plan (
  topic String, `partition` UInt16, `from` UInt64, `to` UInt64, pos_offset UInt64, pos_n Int64,
  token String, done Bool, at DateTime64(3, 'UTC') DEFAULT now64(3), seq UInt64
) ENGINE = ReplacingMergeTree(seq) ORDER BY (topic, `partition`)
;
CREATE VIEW IF NOT EXISTS {db}.alerts_latest AS
SELECT * FROM {db}.alerts FINAL ORDER BY version DESC LIMIT 1 BY alert_id
;
CREATE VIEW IF NOT EXISTS {db}.decisions_latest AS
SELECT * FROM {db}.decisions FINAL ORDER BY decided_at DESC, `offset` DESC, n DESC LIMIT 1 BY order_id
;
CREATE VIEW IF NOT EXISTS {db}.score_changes_latest AS
SELECT * FROM {db}.score_changes FINAL ORDER BY occurred_at DESC, `offset` DESC, n DESC LIMIT 1 BY customer_id
;
CREATE VIEW IF NOT EXISTS {db}.events_latest AS SELECT * FROM {db}.events FINAL
