{{- define "jmx-bridge.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Room for the longest suffix, -dashboard-kafka-connect, within 63 characters. */}}
{{- define "jmx-bridge.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 39 | trimSuffix "-" -}}
{{- else if contains (include "jmx-bridge.name" .) .Release.Name -}}
{{- .Release.Name | trunc 39 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "jmx-bridge.name" .) | trunc 39 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "jmx-bridge.selector" -}}
app.kubernetes.io/name: {{ include "jmx-bridge.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "jmx-bridge.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") | trunc 63 | trimSuffix "-" }}
{{ include "jmx-bridge.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: jmx-bridge
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "jmx-bridge.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "jmx-bridge.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "jmx-bridge.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: needed with serviceAccount.create=false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The name by which the API server calls the webhook, and which the certificate has to be for. */}}
{{- define "jmx-bridge.host" -}}
{{- printf "%s.%s.svc" (include "jmx-bridge.fullname" .) .Release.Namespace -}}
{{- end -}}

{{- define "jmx-bridge.tlsSecret" -}}
{{- if eq .Values.certificates.mode "existingSecret" -}}
{{- required "certificates.existingSecret.name: needed with certificates.mode=existingSecret" .Values.certificates.existingSecret.name -}}
{{- else -}}
{{- printf "%s-tls" (include "jmx-bridge.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/*
The CA of certificates.mode=self: {cert, key, bundle, expires}. It is the one that the Secret has, unless that ends before a
new leaf would; then the bundle has both, so that the old leaf is good until every replica has the new one.
*/}}
{{- define "jmx-bridge.ca" -}}
{{- $self := .Values.certificates.self -}}
{{- $kept := lookup "v1" "Secret" .Release.Namespace (printf "%s-ca" (include "jmx-bridge.fullname" .)) -}}
{{- $needed := add (now | unixEpoch) (mul 86400 (int $self.leafDays)) -}}
{{- $expires := dig "metadata" "annotations" "jmx-bridge.io/expires" "" (default dict $kept) -}}
{{- if and $expires (gt (toDate "2006-01-02" $expires | unixEpoch | int64) ($needed | int64)) -}}
{{- $cert := index $kept.data "ca.crt" | b64dec -}}
{{- dict "cert" $cert "key" (index $kept.data "ca.key" | b64dec) "bundle" $cert "expires" $expires | toYaml -}}
{{- else -}}
{{- $made := genCA "jmx-bridge webhook" (int $self.caDays) -}}
{{- $old := dig "data" "ca.crt" "" (default dict $kept) | b64dec -}}
{{- $until := now | dateModify (printf "+%dh" (mul 24 (int $self.caDays))) | date "2006-01-02" -}}
{{- dict "cert" $made.Cert "key" $made.Key "bundle" (printf "%s%s" $made.Cert $old) "expires" $until | toYaml -}}
{{- end -}}
{{- end -}}

{{/* A list of the names that are wanted, of a folder's files; each has to be there. Takes {root, folder, only}. */}}
{{- define "jmx-bridge.chosen" -}}
{{- $found := list -}}
{{- range $path, $_ := .root.Files.Glob (printf "files/%s/*" .folder) -}}
{{- $found = append $found (base $path | trimSuffix (ext $path)) -}}
{{- end -}}
{{- $folder := .folder -}}
{{- range .only -}}
{{- if not (has . $found) -}}
{{- fail (printf "monitoring.%s.only: there is no %q; there are %s" $folder . (join ", " $found)) -}}
{{- end -}}
{{- end -}}
{{- default $found .only | toYaml -}}
{{- end -}}
