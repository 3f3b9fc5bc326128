-- SPDX-License-Identifier: Apache-2.0
-- A database as version 1 of the schema wrote it. Released databases look like this: never changed, whatever becomes of the schema.
PRAGMA journal_mode = WAL;
CREATE TABLE finding (
  uid TEXT NOT NULL PRIMARY KEY, check_id TEXT NOT NULL, resource TEXT NOT NULL, phase TEXT NOT NULL, status TEXT NOT NULL,
  severity TEXT NOT NULL, episode INTEGER NOT NULL, revision INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_change INTEGER NOT NULL,
  memory TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, finding TEXT NOT NULL, code TEXT NOT NULL, class TEXT NOT NULL,
  severity INTEGER NOT NULL, control TEXT NOT NULL, check_id TEXT NOT NULL, ns TEXT NOT NULL, created INTEGER NOT NULL,
  bytes INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX event_waiting ON event (seq, created, bytes);
CREATE INDEX event_changed ON event (finding) WHERE code = 'finding_changed';
CREATE TABLE superseded (seq INTEGER PRIMARY KEY) STRICT;
CREATE TABLE dropped (count INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL) STRICT;
INSERT INTO dropped VALUES (0, 0, 0);
CREATE TABLE sink (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, acked INTEGER NOT NULL, dropped INTEGER NOT NULL
) STRICT;
CREATE TABLE parked (
  sink INTEGER NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL, status INTEGER NOT NULL, at INTEGER NOT NULL, retry INTEGER NOT NULL,
  PRIMARY KEY (sink, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_event ON parked (seq);
CREATE TABLE note (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE observation (
  kind TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX observation_age ON observation (kind, at);
PRAGMA user_version = 1;
PRAGMA application_id = 1400337529;
INSERT INTO finding VALUES ('f1:9c0a3c3b5d6f4b7fa2d1e8c7b6a59483', 'netpol-ns-default-deny-ingress', 'v1/Namespace//payments', 'open', 'fail',
  'high', 2, 7, 1787303643482, 1787303650000, '{"passes":1}');
INSERT INTO event (seq, uid, finding, code, class, severity, control, check_id, ns, created, bytes, body) VALUES
  (41, 'f768bb63-cd97-867d-9a6e-6db250a139ff', 'f1:9c0a3c3b5d6f4b7fa2d1e8c7b6a59483', 'finding_opened', 'finding', 4, 'network-policies',
   'netpol-ns-default-deny-ingress', 'payments', 1787303643482, 2, '{}'),
  (42, '0198f3c2-5e00-8b11-8d02-0a6f5b1c9d20', 'f1:9c0a3c3b5d6f4b7fa2d1e8c7b6a59483', 'finding_changed', 'finding', 4, 'network-policies',
   'netpol-ns-default-deny-ingress', 'payments', 1787303643482, 2, '{}');
UPDATE dropped SET count = 2, first_seq = 3, last_seq = 9;
INSERT INTO sink VALUES (1, 'soc', 41, 3);
INSERT INTO parked VALUES (1, 41, 'mapper_parsing_exception', 400, 1787303643482, 0);
INSERT INTO note VALUES ('baseline', 'done');
INSERT INTO observation VALUES ('probe', 'https://registry.example/v2/', 1787303643000, '{"status":200}');
