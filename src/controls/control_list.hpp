// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// The nineteen controls, each defined in the file of its name. A new control is a line here and one in catalog.cpp: named
// explicitly, because the linker drops self-registering objects of a static library without a word.
namespace seaworthy::controls {

extern const check::Control k_minimal_base_images;
extern const check::Control k_registry_availability;
extern const check::Control k_image_pull_secrets;
extern const check::Control k_namespaces;
extern const check::Control k_labels;
extern const check::Control k_annotations;
extern const check::Control k_rbac;
extern const check::Control k_policy_engine;
extern const check::Control k_network_policies;
extern const check::Control k_secrets;
extern const check::Control k_image_scanning;
extern const check::Control k_continuous_delivery;
extern const check::Control k_progressive_delivery;
extern const check::Control k_monitoring;
extern const check::Control k_service_mesh;
extern const check::Control k_admission_controllers;
extern const check::Control k_oidc;
extern const check::Control k_pull_cache;
extern const check::Control k_secrets_management;

} // namespace seaworthy::controls
