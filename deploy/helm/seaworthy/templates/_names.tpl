{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{- define "seaworthy.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "seaworthy.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "seaworthy.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "seaworthy.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "seaworthy.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "seaworthy.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is required where serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* What a selector chooses by: never to be changed in a release, since a Deployment's selector cannot be. */}}
{{- define "seaworthy.selectorLabels" -}}
app.kubernetes.io/name: {{ include "seaworthy.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "seaworthy.labels" -}}
{{ include "seaworthy.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: seaworthy
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "seaworthy.image" -}}
{{- $repository := required "image.repository is required: build deploy/Dockerfile and push it to a registry of yours" .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "seaworthy.nodeProbe.name" -}}
{{ include "seaworthy.fullname" . }}-node-probe
{{- end }}

{{- define "seaworthy.nodeProbe.namespace" -}}
{{- default .Release.Namespace .Values.nodeProbe.namespace }}
{{- end }}

{{/* The daemon's configuration: what the chart knows, then what the values say. */}}
{{- define "seaworthy.config" -}}
{{- $own := dict "kubernetes" (dict "grants" .Values.rbac.grants) }}
{{- if .Values.rbac.namespaces }}
{{- $_ := set $own "namespaces" (dict "include" .Values.rbac.namespaces) }}
{{- end }}
{{- if or .Values.persistence.enabled .Values.config.sinks }}
{{- $_ := set $own "spool" (dict "path" "/var/lib/seaworthy/spool.db") }}
{{- end }}
{{- if .Values.nodeProbe.enabled }}
{{- $_ := set $own "probes" (dict "nodeProbe" (dict
      "namespace" (include "seaworthy.nodeProbe.namespace" .)
      "daemonSet" (include "seaworthy.nodeProbe.name" .)
      "tokenFile" "/etc/seaworthy/node-probe/token"
      "caFile" "/etc/seaworthy/node-probe/ca.crt")) }}
{{- end }}
{{- toYaml (mergeOverwrite $own (deepCopy .Values.config)) }}
{{- end }}

{{/* A role and its binding to the daemon's ServiceAccount: (list context kind name namespace rules). */}}
{{- define "seaworthy.boundRole" -}}
{{- $context := index . 0 }}
{{- $kind := index . 1 }}
{{- $name := index . 2 }}
{{- $namespace := index . 3 }}
{{- $rules := index . 4 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: {{ $name }}
  {{- with $namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "seaworthy.labels" $context | nindent 4 }}
rules:
{{ toYaml $rules }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: {{ $name }}
  {{- with $namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "seaworthy.labels" $context | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: {{ $name }}
subjects:
- kind: ServiceAccount
  name: {{ include "seaworthy.serviceAccountName" $context }}
  namespace: {{ $context.Release.Namespace }}
{{ end }}
