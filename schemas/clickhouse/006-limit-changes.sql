-- What became of credit limits: proposals with their arithmetic, requests,
-- approvals, automatic changes, ends. Amounts are of `currency`.
CREATE TABLE IF NOT EXISTS {db}.limit_changes (
  id String, customer_id String, name String, occurred_at DateTime64(3, 'UTC'), appended_at DateTime64(3, 'UTC'),
  kind LowCardinality(String), limit_kind LowCardinality(String),
  amount_before Nullable(Decimal(38, 4)), amount_after Nullable(Decimal(38, 4)), currency LowCardinality(String),
  valid_to Nullable(DateTime64(3, 'UTC')), actor String, second_actor String, reason String,
  proposal String CODEC(ZSTD(3)), cause Array(String), action_id String, muted Bool, ruleset_version UInt64,
  `partition` UInt16, `offset` UInt64, n UInt32
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(occurred_at)
ORDER BY (customer_id, occurred_at, `partition`, `offset`, n)
SETTINGS non_replicated_deduplication_window = 10000
