-- Every feature of domain D3 of each customer, once a local day: the state as
-- it stood at `occurred_at`, with everything below `offset` of its partition.
-- `numbers` leaves out what is not known; money is of `currency`. `n` is what a
-- feature was computed from; `incomplete` names those that do not see all.
CREATE TABLE IF NOT EXISTS {db}.feature_snapshots (
  day Date, customer_id String, customer_name String, segment LowCardinality(String),
  occurred_at DateTime64(3, 'UTC'), score UInt16, class LowCardinality(String), currency LowCardinality(String),
  numbers Map(LowCardinality(String), Decimal(38, 4)), texts Map(LowCardinality(String), String),
  n Map(LowCardinality(String), UInt32), incomplete Array(LowCardinality(String)), ruleset_version UInt64,
  `partition` UInt16, `offset` UInt64
) ENGINE = ReplacingMergeTree(occurred_at) PARTITION BY toYYYYMM(day)
ORDER BY (customer_id, day)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE VIEW IF NOT EXISTS {db}.feature_snapshots_latest AS
SELECT * FROM {db}.feature_snapshots FINAL
