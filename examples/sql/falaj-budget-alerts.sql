-- A tenant has used a part of its budget.
-- Addresses are those of the local stack. Times are in UTC.
CREATE TABLE falaj_budget_alerts (
  `row_key` STRING NOT NULL,
  `tenant` STRING NOT NULL,
  `resource` STRING NOT NULL,
  `period_start` TIMESTAMP(3) NOT NULL,
  `period_end` TIMESTAMP(3) NOT NULL,
  `threshold_percent` INT NOT NULL,
  `budget` BIGINT NOT NULL,
  `used` BIGINT NOT NULL,
  `reached_at` TIMESTAMP(3) NOT NULL,
  PRIMARY KEY (`row_key`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'falaj.budget-alerts',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'key.format' = 'raw',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = 'http://localhost:8082/apis/ccompat/v7',
  'value.fields-include' = 'EXCEPT_KEY'
);
