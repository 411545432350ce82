-- Copy of the audit topic: `value` is the record as it is, the other columns
-- are taken from it for queries. One row per offset, whatever is repeated.
CREATE TABLE IF NOT EXISTS {db}.audit (
  id String, seq UInt64, occurred_at DateTime64(3, 'UTC'), appended_at DateTime64(3, 'UTC'),
  actor String, role LowCardinality(String), address String, action LowCardinality(String),
  target_kind LowCardinality(String), target_id String, customer_id String, outcome LowCardinality(String),
  reason String, request_id String, value String CODEC(ZSTD(3)), `partition` UInt16, `offset` UInt64
) ENGINE = ReplacingMergeTree ORDER BY `offset`
SETTINGS non_replicated_deduplication_window = 10000
