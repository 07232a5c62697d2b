package collector

import "github.com/ccaas-exporter/ccaas_exporter/platform"

// limitFamilies are the limits of the organization and which of them its clients have nearly reached, the exporter being one.
var limitFamilies = table(func(p *platform.Snapshot) []platform.Limit { return p.Limits },
	gauge("ccaas_organization_limit", by("limit_namespace", "limit"),
		"Effective limit of the organization, by the platform's namespace and key; the key says the unit, such as requests per minute. "+
			"Absent when limits have not been read within their maximum age, and on CXone.",
		func(l *platform.Limit, e emit) { e.maybe(l.Value, l.Namespace, l.Key) }),
	gauge("ccaas_organization_limit_near", by("limit_namespace", "limit"),
		"1 for each limit of which the platform recorded that some client of the organization used 90 % or more within the last 15 minutes. "+
			"The record is an estimate, so that no series does not mean that no limit is near. "+
			"Absent for all others, without the permission analytics:rateLimitAggregate:view, and on CXone.",
		func(l *platform.Limit, e emit) {
			if l.Near {
				e(1, l.Namespace, l.Key)
			}
		}),
)

// credentialFamilies are about what an account logs in with.
var credentialFamilies = table(credentials,
	gauge("ccaas_credential_expiry_timestamp_seconds", nil,
		"Unix time at which the platform deletes the OAuth client that the account logs in with. Absent where no date is set, without the "+
			"permission oauth:client:view, and on CXone, which documents no expiry of an access key.",
		func(c *platform.Credential, e emit) { e.time(c.Expires) }),
)

func credentials(p *platform.Snapshot) []platform.Credential {
	if p.Credential == nil {
		return nil
	}
	return []platform.Credential{*p.Credential}
}
