{{- define "ccaas.name" -}}
{{ .Values.nameOverride | default .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "ccaas.selector" -}}
app.kubernetes.io/name: ccaas-exporter
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ccaas.labels" -}}
{{ include "ccaas.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "ccaas.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* The port of the webhooks' listener, empty when there is none. */}}
{{- define "ccaas.webhookPort" -}}
{{- with .Values.config.webhooks }}{{ .listen_address | default ":10055" | splitList ":" | last }}{{ end }}
{{- end }}

{{/* "true" when the exporter writes presences and no Redis keeps a second writer away. */}}
{{- define "ccaas.soleWriter" -}}
{{- $writes := false }}
{{- range .Values.config.presence }}{{ if .sync }}{{ $writes = true }}{{ end }}{{ end }}
{{- if and $writes (not .Values.config.redis) }}true{{ end }}
{{- end }}

{{/* Sentences for values that cannot work together. */}}
{{- define "ccaas.check" -}}
{{- if not (or .Values.config .Values.demo) }}
{{- fail "config is empty: set it to the exporter's configuration, or set demo=true to look around without an account" }}
{{- end }}
{{- if and .Values.config .Values.demo }}
{{- fail "demo needs no config: leave one of the two out" }}
{{- end }}
{{- if and .Values.secrets.existingSecret .Values.secrets.csi }}
{{- fail "secrets: give existingSecret or csi, not both" }}
{{- end }}
{{- if and (include "ccaas.soleWriter" .) (gt (int .Values.replicas) 1) }}
{{- fail "replicas: presence synchronization has one writer; set config.redis before you run two" }}
{{- end }}
{{- if and (include "ccaas.soleWriter" .) (eq .Values.strategy "RollingUpdate") }}
{{- fail "strategy: a rolling update runs two writers of presences for a moment; set config.redis, or leave the strategy out" }}
{{- end }}
{{- if and .Values.webhooks.ingress.host (not .Values.config.webhooks) }}
{{- fail "webhooks.ingress.host: config has no webhooks" }}
{{- end }}
{{- end }}

{{- define "ccaas.probe" -}}
httpGet:
  path: {{ .path }}
  port: metrics
  scheme: {{ .probes.scheme }}
  {{- with .probes.httpHeaders }}
  httpHeaders: {{- toYaml . | nindent 4 }}
  {{- end }}
periodSeconds: 10
timeoutSeconds: 5
{{- end }}
