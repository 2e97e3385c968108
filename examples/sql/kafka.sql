-- Reads one Kafka topic and writes another, both Avro with Confluent's schema registry, until it is stopped.
-- With the servers of "./falaj up" and its topics:
--   ./falaj sql examples/sql/kafka.sql
SET 'execution.checkpointing.interval' = '10 s';
SET 'table.exec.async-ml-predict.max-concurrent-operations' = '64';
SET 'table.exec.async-ml-predict.output-mode' = 'ALLOW_UNORDERED';

CREATE TABLE tickets (id STRING, subject STRING, body STRING)
WITH (
  'connector' = 'kafka', 'topic' = 'tickets', 'properties.bootstrap.servers' = 'localhost:9092',
  'properties.group.id' = 'falaj-sql', 'scan.startup.mode' = 'earliest-offset',
  'format' = 'avro-confluent', 'avro-confluent.url' = 'http://localhost:8082/apis/ccompat/v7'
);

CREATE TABLE routed (id STRING, team STRING, urgent BOOLEAN, error STRING)
WITH (
  'connector' = 'kafka', 'topic' = 'routed', 'properties.bootstrap.servers' = 'localhost:9092',
  'format' = 'avro-confluent', 'avro-confluent.url' = 'http://localhost:8082/apis/ccompat/v7',
  'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'falaj-sql-routed'
);

CREATE MODEL router
INPUT (subject STRING, body STRING)
OUTPUT (team STRING, urgent BOOLEAN, error STRING)
WITH (
  'provider' = 'falaj', 'model' = 'smollm2-135m-instruct',
  'prompt-template' = 'Which team should answer?\nSubject: {{subject}}\n{{#body}}\n{{body}}{{/body}}',
  'temperature' = '0', 'max-tokens' = '60',
  'fields.team.enum' = 'billing;delivery;technical', 'error-column' = 'error'
);

INSERT INTO routed
SELECT id, team, urgent, error
FROM ML_PREDICT(TABLE tickets, MODEL router, DESCRIPTOR(subject, body));
