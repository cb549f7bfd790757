{{/* Name of all objects of a release, at most 52 characters: a CronJob adds 11 for its Jobs. */}}
{{- define "assetgraph.fullname" -}}
{{- $name := .Values.fullnameOverride -}}
{{- if not $name -}}
{{- $name = ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{- end -}}
{{- $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "assetgraph.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "assetgraph.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "assetgraph.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "assetgraph.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "assetgraph.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "assetgraph.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "assetgraph.claim" -}}
{{- .Values.persistence.existingClaim | default (include "assetgraph.fullname" .) -}}
{{- end -}}

{{/* Address of the graph: `graph:` of the configuration is the address, or has it as `url:`. */}}
{{- define "assetgraph.graph" -}}
{{- $graph := .Values.config.graph | default "" -}}
{{- if kindIs "map" $graph -}}{{ $graph.url | default "" }}{{- else -}}{{ $graph }}{{- end -}}
{{- end -}}

{{- define "assetgraph.embedded" -}}
{{- if hasPrefix "sqlite:" (include "assetgraph.graph" .) -}}true{{- end -}}
{{- end -}}

{{/* What can't work is refused here rather than by a Job at night. */}}
{{- define "assetgraph.check" -}}
{{- $several := gt (int .Values.workers.count) 1 -}}
{{- if not (include "assetgraph.graph" .) -}}
{{- fail "config.graph is missing: neo4j://HOST:7687, or sqlite:/var/lib/assetgraph/assetgraph.db with persistence" -}}
{{- end -}}
{{- if include "assetgraph.embedded" . -}}
{{- if $several -}}
{{- fail "workers.count must be 1 with an embedded graph, which is one file on one node: use workers.parallel, or a Neo4j" -}}
{{- end -}}
{{- if not .Values.persistence.enabled -}}
{{- fail "persistence.enabled must be true with an embedded graph: without a volume it would be gone with the pod" -}}
{{- end -}}
{{- if not (hasPrefix "sqlite:/var/lib/assetgraph/" (include "assetgraph.graph" .)) -}}
{{- fail "config.graph must lie on the volume: sqlite:/var/lib/assetgraph/assetgraph.db" -}}
{{- end -}}
{{- end -}}
{{- if and $several .Values.persistence.enabled (not (has "ReadWriteMany" .Values.persistence.accessModes)) -}}
{{- fail "several workers with a volume need persistence.accessModes [ReadWriteMany], or persistence.enabled false" -}}
{{- end -}}
{{- end -}}
