// SPDX-License-Identifier: Apache-2.0
// One function a format; encoding.cpp has the table of them.
#pragma once

#include <string>

namespace seaworthy::events {

class RecordView;

/// Elastic Common Schema 8 (ECS field reference and its categorization fields).
[[nodiscard]] std::string to_ecs(const RecordView& record);
/// ArcSight Common Event Format, version 0 (Micro Focus, "Implementing ArcSight Common Event Format", revision 25).
[[nodiscard]] std::string to_cef(const RecordView& record);
/// LEEF 2.0 (IBM, "QRadar Log Event Extended Format guide", version 2). Tabs part its attributes; there are no other control characters.
[[nodiscard]] std::string to_leef(const RecordView& record);
/// CloudEvents 1.0.2, JSON event format §3: one event in structured mode.
[[nodiscard]] std::string to_cloudevents(const RecordView& record);
/// A LogRecord of opentelemetry/proto/logs/v1/logs.proto in OTLP's JSON: enums as integers, 64-bit integers as decimal strings.
[[nodiscard]] std::string to_otlp(const RecordView& record);
/// Members that are no objects and no arrays, under names that do not change.
[[nodiscard]] std::string to_flat_json(const RecordView& record);

} // namespace seaworthy::events
