-- What rules found and nobody was told of, and why (domain C10.10). Amounts
-- are of `currency`.
CREATE TABLE IF NOT EXISTS {db}.suppressed_alerts (
  id String, customer_id String, customer_name String, segment LowCardinality(String),
  occurred_at DateTime64(3, 'UTC'), appended_at DateTime64(3, 'UTC'),
  rule_id LowCardinality(String), ref String, severity LowCardinality(String), reason LowCardinality(String),
  value Float64, threshold Nullable(Float64), money_at_risk Decimal(38, 4), currency LowCardinality(String),
  alert_id String, parent String, title_zh String, title_en String, ruleset_version UInt64,
  `partition` UInt16, `offset` UInt64, n UInt32
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(occurred_at)
ORDER BY (customer_id, occurred_at, `partition`, `offset`, n)
SETTINGS non_replicated_deduplication_window = 10000
