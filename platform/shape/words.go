package shape

// keyWords are the words of which the vendors' documents make the names of fields, permissions and error codes. A name that is
// made of other words may be a name of a person or company: it is not kept.
const keyWords = `
	abandoned access acd action active activity acw additional addr address admin affected after agent agentless agents
	aggregate aggregates alerting alg all analysis analytics answer any api app area at attribute aud auth authorization authorized
	auto available average avg bad bandwidth base bitrate bits body break browser bus business businessunits busy by bytes
	calculated call callback callbacks callduration called calling calls campaign capacity category cert challenge channel
	chat chats city claim clauses client cloud cluster code codes components concurrent conference config configuration
	conflict connect connected connection connectivity console contact contacts context conversation conversations
	correlation count country counts cpu created credential credentials current data database date db deactivated default
	definition definitions degraded delay delete denied denominator deployment description detail details digital dimension
	direction disconnect disconnected disconnecttime disks display disposition division domain draining dropped earliest
	edge email emails empty en enabled end endpoint endpoints enforced entities entity enum envelope error errors etag event events
	exceeded exp expand expired expires external failure family features feed field file filter fingerprint first forbidden
	found fraction from full gateway given goal gone grant granularity group gt gte handle heartbeat high hint hold home
	hostname huge iat ic icstatusdescription id idle idles ids if ifname ignore impact in inbound incident incidents include
	includechannels indicator info intensity interacting interface interfaces internal interval invalid ip is isp iss issued
	issuer item items ivr jti jwks key kid label labels language last lastpolltime latency latest legacy level limit line
	links list locale location logged logical low lt lte maintenances make managed many mappings master max mean media
	memory message messages metabase metadata method methods metric metrics min mismatch missing model modified monitoring
	ms msec name namespace natural negative networks new next no none not notification notifications number numerator oauth
	oauthclient object observation observations of office offline old on online only open operating operator option options
	or order organization originator os out outbound page pagecount pairing parameters params parent parked part
	participants parties partition past patch path paths pct per percentage permission permissions personal phone physical
	ping platform plugin point poll port position positive predicates presence preserve preview previous private privileged
	process processors proficiency progress properties provider proxy published purpose qos qualifier queue queued range
	rate ratio reason received recording records refresh register registers rejection req request required requires reserved
	reset resolved response result results resultset retry revoked ringtime role roles routing scale scaling scheduled scope
	scopes score script sdk search sec secondary seconds segment self sent serial server servertime service session set
	shortlink show signing sip site size skill skip sla sms software sort source started state states station stats status
	sub subject subscribe subsystem subsystems sum supported survey system target team telephony tenant text threshold time timeout
	timestamp to token too top topic topics total totalrecords transfer transport transports trigger true truncated trunk
	trusted ttl type types ui unauthorized unavailable unified unit units unsupported until up update updated updates uptime
	uri url us usage user userinfo users utilization value values version video view views visibility voice waiting work
	working zone
	authority future primary start username
`
